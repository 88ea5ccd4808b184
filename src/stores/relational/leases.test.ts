/** The leases' contract on the embedded database and on Postgres. */
import { leaseStoreContract } from '../../chat/live/leases.contract.ts';
import { onEachDatabase } from './testing/databases.ts';

await onEachDatabase('leases', leaseStoreContract);
