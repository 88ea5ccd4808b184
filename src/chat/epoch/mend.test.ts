/** Logs that were restored to moments of their own, on the memory model. */
import { expect, test } from 'vitest';
import { askDelete, askPin } from '../changes/asked.ts';
import { memoryLogs } from '../changes/testing/memory-projections.ts';
import { ask, openChannel } from '../changes/testing/open-channel.ts';
import { systemClock } from '../clock.ts';
import { createLog } from '../log/create-log.ts';
import type { MessageEntry } from '../log/entries.ts';
import { silentLogger } from '../logger.ts';
import { mendAfterRestore } from './mend.ts';

test('what changed is in effect on the messages that are there, and on none that comes later', async () => {
  const test = await openChannel(memoryLogs(1_000), 2);
  const changes = test.replica();
  await ask(changes, test.channel, askPin({ actorId: 'ada', seq: 1 }, true));
  await ask(changes, test.channel, askDelete({ actorId: 'ada', seq: 2 }));
  const [first] = await test.logs.messages.range(test.channel, 1, 1);
  if (first === undefined) throw new Error('two messages');
  const { projection: _, ...sent } = first.entry;
  const say = (seq: number, sendKey: string) => {
    const rows = [{ ...first, seq, sendKey, entry: sent }];
    return test.logs.messages.append({
      channel: test.channel,
      bucket: 0,
      expectedLast: seq === 1 ? null : seq - 1,
      rows,
    });
  };
  // The messages are as they were before anything changed, and before the second was sent.
  test.logs.messages.clear();
  test.logs.projections.clear();
  await say(1, first.sendKey);

  const clamped: unknown[] = [];
  const messages = createLog<MessageEntry>({
    store: test.logs.messages,
    clock: systemClock,
    logger: silentLogger,
    onAppended: () => undefined,
  });
  const cells = {
    channels: async () => [{ ...test.channel, root: null }],
    clampCheckpoints: async (heads: readonly { readonly head: number }[]) => {
      clamped.push(...heads.map(({ head }) => head));
      return 0;
    },
    forgetThreads: async () => undefined,
  };
  const { projections } = test.logs;
  const done = await mendAfterRestore({ cells, messages, changes: test.replica(), projections }, 'default');
  expect([done.channels, clamped]).toEqual([1, [1]]);
  expect((await test.message(1)).projection).toMatchObject({ changedRev: 1, pinnedAt: expect.any(Number) });
  await say(2, 'new');
  expect((await test.message(2)).projection).toBeUndefined();
});
