/** Nobody is told or answered of a change before it is in effect, and nothing is decided on a state that has passed. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { OutcomeUnknown } from '../log/port.ts';
import { askEdit, askPin } from './asked.ts';
import type { ProjectionStore } from './port.ts';
import { crashingAfter } from './testing/crashing.ts';
import { memoryLogs } from './testing/memory-projections.ts';
import { ask, openChannel, quick } from './testing/open-channel.ts';

const by = (actorId: string, seq = 1) => ({ actorId, seq });
const edit = (text: string) => askEdit(by('ada'), { text, mentions: [] });
const open = () => openChannel(memoryLogs(1_000), 1);

/** The store as a replica has it that waits before each projection. */
const waiting = (store: ProjectionStore, until: Promise<void>): ProjectionStore => ({
  ...crashingAfter(Number.POSITIVE_INFINITY, store).projections,
  async project(channel, changes) {
    await until;
    await store.project(channel, changes);
  },
});

test('its own replica gives out no rev that it has yet to put into effect', async () => {
  const test = await open();
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const log = test.replica({ projections: waiting(test.projections, released) });
  const answers: string[] = [];
  const edited = ask(log, test.channel, edit('edited')).then(() => answers.push('edited'));
  await vi.waitFor(async () => expect(await test.logs.changes.range(test.channel, 1, 1)).toHaveLength(1));
  const heads = log.heads([test.channel]).then(() => answers.push('head'));
  await sleep(20);
  expect([answers, test.told]).toEqual([[], []]);
  release();
  await Promise.all([edited, heads]);
  expect(test.told).toHaveLength(1);
});

test('a change whose append was saved unheard is in effect before anybody hears of it', async () => {
  const test = await open();
  const { changes } = test.logs;
  let shown: string | undefined;
  const unheard = new Proxy(changes, {
    get: (store, name) =>
      name === 'append'
        ? async (...batch: Parameters<typeof changes.append>) => {
            await store.append(...batch);
            throw new OutcomeUnknown('the answer was lost');
          }
        : (Reflect.get(store, name).bind?.(store) ?? Reflect.get(store, name)),
  });
  const told: number[] = [];
  const log = test.replica({
    changes: unheard,
    onAppended: (channel, rows) => {
      told.push(...rows.map(({ seq }) => seq));
      void test.logs.messages.rows([{ channel, seq: 1 }]).then(([row]) => {
        shown = row?.entry.projection?.edited?.text;
      });
    },
  });
  expect(await ask(log, test.channel, edit('edited'))).toMatchObject({ isDuplicate: false, row: { seq: 1 } });
  expect((await test.message(1)).projection?.edited?.text).toBe('edited');
  expect([told, shown]).toEqual([[1], 'edited']);
});

test('one that nobody waits for any more, saved but not in effect, is for whoever listens to look at', async () => {
  const test = await open();
  const onUncertain = vi.fn();
  const log = test.replica({ ...crashingAfter(0, test.projections), limits: quick, onUncertain });
  await expect(ask(log, test.channel, edit('edited'))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  await vi.waitFor(() => expect(onUncertain).toHaveBeenCalledExactlyOnceWith(test.channel));
  expect(test.told).toEqual([]);
});

test('what would change nothing is decided anew when another replica was first', async () => {
  const test = await open();
  const other = test.replica();
  const { messages } = test.logs;
  const rows = messages.rows.bind(messages);
  const log = test.replica();
  // So that it has the channel open.
  await ask(log, test.channel, edit('edited'));
  vi.spyOn(messages, 'rows').mockImplementationOnce(async (refs) => {
    const found = await rows(refs);
    await ask(other, test.channel, askPin(by('grace'), true));
    return found;
  });
  expect(await ask(log, test.channel, askPin(by('ada'), false))).toMatchObject({ row: { seq: 3 } });
  expect((await test.message(1)).projection?.pinnedAt).toBeUndefined();
});

test('a store that does not show all changes keeps the head back', async () => {
  const test = await open();
  const ended = test.replica({ ...crashingAfter(0, test.projections), limits: quick });
  await expect(ask(ended, test.channel, edit('edited'))).rejects.toThrow();
  vi.spyOn(test.logs.changes, 'range').mockResolvedValueOnce([]);
  const log = test.replica();
  await expect(log.heads([test.channel])).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(await log.heads([test.channel])).toEqual([1]);
  expect((await test.message(1)).projection?.edited?.text).toBe('edited');
});

test('after a restore what was known to be in effect is asked of the store again', async () => {
  const test = await open();
  const log = test.replica();
  await ask(log, test.channel, edit('lost'));
  test.logs.changes.clear();
  const ended = test.replica({ ...crashingAfter(0, test.projections), limits: quick });
  await expect(ask(ended, test.channel, askPin(by('ada'), true))).rejects.toThrow();
  log.forgetHeads();
  expect(await log.heads([test.channel])).toEqual([1]);
  expect((await test.message(1)).projection?.pinnedAt).toBeDefined();
});
