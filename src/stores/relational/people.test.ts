/** The people's contract on the embedded database and on Postgres. */
import { organizationStoreContract, userStoreContract } from '../../chat/people/people.contract.ts';
import { onEachDatabase } from './testing/databases.ts';

await onEachDatabase('people', (relational) => {
  organizationStoreContract(relational);
  userStoreContract(relational);
});
