/** The contracts of channels, threads and roles on the embedded database and on Postgres. */
import { channelStoreContract } from '../../chat/channels/channels.contract.ts';
import { roleContract } from '../../chat/channels/roles.contract.ts';
import { threadStoreContract } from '../../chat/channels/threads.contract.ts';
import { onEachDatabase } from './testing/databases.ts';

await onEachDatabase('channels', (relational) => {
  channelStoreContract(relational);
  threadStoreContract(relational);
  roleContract(relational);
});
