/** The contract of notifications on the embedded database and on Postgres. */
import { notificationStoreContract } from '../../chat/notifications/store.contract.ts';
import { onEachDatabase } from './testing/databases.ts';

await onEachDatabase('notifications', (relational) => {
  notificationStoreContract(relational);
});
