import { memoryLogs } from '../../src/chat/changes/testing/memory-projections.ts';
import type { ChannelKey } from '../../src/chat/log/port.ts';
import { logProperties } from './suite.ts';

logProperties('the model of a store', { runs: 250, lanes: 1 }, async () => {
  const logs = memoryLogs(4);
  const dump = async ({ organizationId, channelId }: ChannelKey): Promise<string> =>
    [logs.messages, logs.changes, logs.projections]
      .flatMap((store) =>
        (store.dump() as [string, ...unknown[]][]).filter(([key]) =>
          key.startsWith(`${organizationId}/${channelId}`),
        ),
      )
      .map((kept) => JSON.stringify(kept))
      .join();
  return { ...logs, dump, close: async () => undefined };
});
