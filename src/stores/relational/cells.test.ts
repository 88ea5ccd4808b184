/** The cells' contract on the embedded database and on Postgres. */
import { cellStoreContract } from '../../chat/epoch/cells.contract.ts';
import { onEachDatabase } from './testing/databases.ts';

await onEachDatabase('cells', cellStoreContract);
