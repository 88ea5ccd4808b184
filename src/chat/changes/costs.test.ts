/** What changing messages costs in store calls: the same for one change and for as many as share an append. */
import { expect, test } from 'vitest';
import { CallCounter } from '../testing/count-calls.ts';
import { askDelete, askEdit, askPin, askReaction } from './asked.ts';
import { memoryLogs } from './testing/memory-projections.ts';
import { ask, openChannel } from './testing/open-channel.ts';

const by = (actorId: string, seq = 1) => ({ actorId, seq });

async function counted() {
  const calls = new CallCounter();
  const opened = await openChannel(memoryLogs(1_000), 60);
  const { logs, channel } = opened;
  const log = opened.replica({
    messages: calls.watch('messages', logs.messages),
    changes: calls.watch('changes', logs.changes),
    projections: calls.watch('projections', logs.projections),
  });
  // So that the channel is open.
  await ask(log, channel, askEdit(by('ada', 60), { text: 'edited', mentions: [] }));
  await log.heads([channel]);
  calls.take();
  return { log, channel, calls };
}

const decided = { 'messages.rows': 1, 'messages.states': 1, 'messages.tailHints': 1 };
const appended = { 'changes.append': 1, 'projections.project': 1, 'projections.noteProjected': 1 };

test.each([1, 60])('%i reactions at once are decided in one go', async (count) => {
  const { log, channel, calls } = await counted();
  const people = Array.from({ length: count }, (_, n) => `user-${n}`);
  await Promise.all(people.map((user) => ask(log, channel, askReaction(by(user, 1), '👍', true))));
  expect(calls.take()).toEqual({ ...decided, ...appended, 'projections.reactionRevs': 1 });

  await Promise.all(people.map((user) => ask(log, channel, askReaction(by(user, 1), '👍', false))));
  const takenBack = { 'projections.reactionRevs': 1, 'projections.reactors': 1 };
  expect(calls.take()).toEqual({ ...decided, ...appended, ...takenBack });
});

test('changes of every kind of many messages share their reads', async () => {
  const { log, channel, calls } = await counted();
  await Promise.all(
    Array.from({ length: 15 }, (_, i) => [
      ask(log, channel, askEdit(by('ada', 4 * i + 1), { text: 'edited', mentions: [] })),
      ask(log, channel, askPin(by('ada', 4 * i + 2), true)),
      ask(log, channel, askReaction(by('ada', 4 * i + 3), '👍', true)),
      // The last of these was edited before: the edit must be erased too.
      ask(log, channel, askDelete(by('ada', 4 * i + 4))),
    ]).flat(),
  );
  expect(calls.take()).toEqual({
    ...decided,
    ...appended,
    'projections.reactionRevs': 1,
    'projections.eraseEdits': 1,
    'changes.rows': 2,
  });
});

test('what is refused or so already is answered after one look at the log', async () => {
  const { log, channel, calls } = await counted();
  await Promise.allSettled(
    Array.from({ length: 60 }, (_, i) => ask(log, channel, askPin(by('ada', 100 + i), i % 2 === 0))),
  );
  // One that an earlier try may have saved, and one that nobody came in between.
  expect(calls.take()).toEqual({ ...decided, 'changes.consult': 2 });
  await Promise.allSettled(Array.from({ length: 60 }, () => ask(log, channel, askPin(by('ada', 1), false))));
  expect(calls.take()).toEqual({ ...decided, 'changes.consult': 1 });
});
