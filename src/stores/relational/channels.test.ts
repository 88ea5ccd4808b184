/** The contract of channels on the embedded database and on Postgres. */
import { channelStoreContract } from '../../chat/channels/channels.contract.ts';
import { onEachDatabase } from './testing/databases.ts';

await onEachDatabase('channels', channelStoreContract);
