/**
 * Replicas that end between any two steps of a change, and others that go on: nothing deleted remains, and the log
 * and the messages agree. For any store, in one line.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seeded } from '../log/testing/seeded.ts';
import { askDelete, askEdit, askPin } from './asked.ts';
import { crashingAfter } from './testing/crashing.ts';
import { ask, openChannel, type ProjectedLogs, quick, type TestChannel } from './testing/open-channel.ts';

const by = (actorId: string, seq = 1) => ({ actorId, seq });
const edit = (text: string, seq = 1) => askEdit(by('ada', seq), { text, mentions: [] });

/** Everything that the stores hold of the channel, as text. */
async function held({ channel, logs: { messages, changes } }: TestChannel): Promise<string> {
  return JSON.stringify([await messages.range(channel, 1, 1_000), await changes.range(channel, 1, 1_000)]);
}

/** @param opened a connection to the store; its logs have a bucket size of 4 to 64. @param seeds random runs. */
export function changeCrashContract(
  name: string,
  opened: () => Promise<ProjectedLogs & { close(): Promise<void> }>,
  seeds: number,
): void {
  describe(`crashes of change logs on ${name}`, () => {
    let logs: Awaited<ReturnType<typeof opened>>;
    beforeAll(async () => {
      logs = await opened();
    });
    afterAll(() => logs.close());
    const open = (messages: number) => openChannel(logs, messages);

    test('a deletion erases what it deleted, whatever step it ended at', async () => {
      for (let writes = 0; ; writes++) {
        const test = await open(1);
        const log = test.replica();
        const secrets = Array.from({ length: 40 }, (_, n) => edit(`secret ${n}`));
        await Promise.all(secrets.map((secret) => ask(log, test.channel, secret)));
        const crashing = crashingAfter(writes, test.projections);
        const ended = test.replica({ projections: crashing.projections, limits: quick });
        await ask(ended, test.channel, askDelete(by('ada'))).catch(() => undefined);
        await test.replica().heads([test.channel]);
        // On a slow store it may not even have been appended.
        await ask(test.replica(), test.channel, askDelete(by('ada'))).catch(() => undefined);
        expect(await held(test)).not.toMatch(/secret|message 1/);
        // Two steps for the deletion itself, one for each chain of the edits before it, and the note.
        if (!crashing.hasCrashed()) {
          expect(writes).toBeGreaterThanOrEqual(4);
          break;
        }
      }
    });

    describe('edits that race deletions on several replicas which end now and then', () => {
      test.each(Array.from({ length: seeds }, (_, seed) => seed))(
        'leave no deleted text, seed %i',
        async (seed) => {
          const random = seeded(seed);
          const test = await open(3);
          const replica = () => {
            const crashes = random() < 0.5;
            const { projections } = crashingAfter(
              crashes ? Math.floor(random() * 12) : 1e9,
              test.projections,
            );
            return test.replica({ projections, limits: { sendMs: 150 } });
          };
          const logs = Array.from({ length: 4 }, replica);
          const deletedAt = 5 + Math.floor(random() * 20);
          await Promise.allSettled(
            Array.from({ length: 30 }, async (_, n) => {
              await sleep(random() * 10);
              const log = logs[Math.floor(random() * logs.length)] ?? test.replica();
              const seq = 1 + Math.floor(random() * 2);
              const change =
                n >= deletedAt && seq === 1 ? askDelete(by('ada')) : edit(`says ${seq}: ${n}`, seq);
              await ask(log, test.channel, change);
            }),
          );
          const log = test.replica();
          await ask(log, test.channel, askDelete(by('ada', 1))).catch(() => undefined);
          await ask(log, test.channel, askPin(by('ada', 3), true));
          const [head = 0] = await log.heads([test.channel]);
          const rows = await test.logs.changes.range(test.channel, 1, head);
          expect(rows.map((row) => row.seq)).toEqual(Array.from({ length: head }, (_, i) => i + 1));
          expect(await held(test)).not.toMatch(/says 1|message 1/);
          // Nothing comes after a deletion but what is of others.
          const deletion = rows.findIndex((row) => row.entry.kind === 'DELETED');
          expect(rows.slice(deletion + 1).some((row) => row.entry.seq === 1)).toBe(false);
          expect((await test.message(2)).projection?.changedRev).toBe(
            rows.findLast((row) => row.entry.seq === 2)?.seq,
          );
        },
      );
    });
  });
}
