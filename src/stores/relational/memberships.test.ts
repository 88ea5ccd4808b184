/** The contract of memberships, of the outbox and of `advance` on the embedded database and on Postgres. */
import { advanceContract } from '../../chat/channels/advance.contract.ts';
import { membershipStoreContract } from '../../chat/channels/memberships.contract.ts';
import { onEachDatabase } from './testing/databases.ts';

await onEachDatabase('memberships', (relational) => {
  membershipStoreContract(relational);
  advanceContract(relational);
});
