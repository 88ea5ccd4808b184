import { describe, expect, test } from 'vitest';
import { ChatError, unavailable } from '../../chat/errors.ts';
import { type MemoryLog, memoryLog } from './testing/memory-log.ts';
import { bringUp, testChannel as channel, runOn, timeOf, upTo } from './testing/plain-run.ts';

const texts = (log: MemoryLog): readonly string[] => log.all('c').map((row) => row.entry.text);
describe('appending the messages of a log', () => {
  test('keeps the order and the times, with no more under way than the window', async () => {
    const log = memoryLog();
    const result = await bringUp(runOn(log), 95);
    expect(result).toEqual({ added: 95, head: 95, lastAt: timeOf(95) });
    expect(texts(log)).toEqual(upTo(95));
    expect(log.all('c').map((r) => r.at)).toEqual(upTo(95).map((_, i) => timeOf(i + 1)));
    expect(log.mostAtOnce).toBe(10);
  });

  test('a second run adds nothing', async () => {
    const log = memoryLog();
    await bringUp(runOn(log), 95);
    const run = runOn(log);
    expect(await bringUp(run, 95)).toMatchObject({ added: 0, head: 95 });
    expect(run.tally.of('alreadyThere')).toBe(95);
    expect(texts(log)).toEqual(upTo(95));
  });

  test.each([1, 9, 10, 11, 37, 84])(
    'stopped after %i appends, a second run goes on to the same',
    async (stop) => {
      const log = memoryLog();
      const stopped = new AbortController();
      log.beforeAppend = (count) => {
        if (count === stop) stopped.abort();
      };
      await bringUp(runOn(log, stopped.signal), 95);
      expect(texts(log)).toEqual(upTo(texts(log).length));
      expect(texts(log).length).toBeLessThan(95);
      log.beforeAppend = () => undefined;
      await bringUp(runOn(log), 95);
      expect(texts(log)).toEqual(upTo(95));
    },
  );

  test('a store that is away for a moment costs nothing', async () => {
    const log = memoryLog();
    log.beforeAppend = (count) => {
      if (count > 40 && count <= 50) throw unavailable('message store');
    };
    expect(await bringUp(runOn(log), 95)).toMatchObject({ added: 95 });
    expect(texts(log)).toEqual(upTo(95));
  });

  test('what failed in the middle of a round is there after the next run, once', async () => {
    const log = memoryLog();
    // Number 43 fails for good while 44 to 50 are saved: the worst that an outage can leave behind.
    log.beforeAppend = (count) => {
      if (count === 43) throw new ChatError('INTERNAL_SERVER_ERROR', 'lost');
    };
    await expect(bringUp(runOn(log), 95)).rejects.toThrow('lost');
    expect(texts(log)).toHaveLength(49);
    log.beforeAppend = () => undefined;
    const run = runOn(log);
    await bringUp(run, 95);
    expect(run.tally.of('late')).toBe(1);
    expect(texts(log)).toHaveLength(95);
    expect(texts(log).toSorted()).toEqual(upTo(95).toSorted());
  });

  test('what an outage put out of order in the round before is not sent a second time', async () => {
    const log = memoryLog();
    // 11 is refused once and lands last in its round; then 21 fails for good while the rest of its round is saved.
    log.beforeAppend = (count) => {
      if (count === 11) throw unavailable('message store');
      if (count === 22) throw new ChatError('INTERNAL_SERVER_ERROR', 'lost');
    };
    await expect(bringUp(runOn(log), 95)).rejects.toThrow('lost');
    expect(texts(log).slice(-10)).toEqual(['message 11', ...upTo(30).slice(21)]);
    log.beforeAppend = () => undefined;
    await bringUp(runOn(log), 95);
    expect(texts(log)).toHaveLength(95);
    expect(texts(log).toSorted()).toEqual(upTo(95).toSorted());
  });

  test('people who wrote meanwhile are no obstacle', async () => {
    const log = memoryLog();
    await bringUp(runOn(log), 40);
    for (let n = 0; n < 1_200; n += 1) {
      const entry = {
        authorId: 'b',
        clientMessageId: `own ${n}`,
        text: 'hello',
        metadata: null,
        mentions: [],
      };
      await log.append(channel, { sendKey: `p/${n}`, entry, bytes: 5, searchBack: { basis: 40 + n } });
    }
    expect(await bringUp(runOn(log), 95)).toMatchObject({ added: 55, head: 1295 });
    expect(texts(log).filter((t) => t !== 'hello')).toEqual(upTo(95));
  });

  test('messages that turn up far before what is there come last, and a channel of another export likewise', async () => {
    const log = memoryLog();
    await bringUp(runOn(log), 60, 21);
    const run = runOn(log);
    await bringUp(run, 95);
    expect(run.tally.of('late')).toBe(20);
    expect(texts(log)).toEqual([...upTo(60).slice(20), ...upTo(20), ...upTo(95).slice(60)]);
    const other = runOn(log);
    expect(await bringUp(other, 1_000, 1_000)).toMatchObject({ added: 1 });
  });

  test('what was deleted or edited here since is not brought back', async () => {
    const log = memoryLog();
    await bringUp(runOn(log), 30);
    const erased = { text: '', metadata: null, mentions: [] };
    const rows = log.all('c') as (typeof log extends { all(id: string): readonly (infer R)[] } ? R : never)[];
    rows.splice(4, 1, ...rows.slice(4, 5).map((row) => ({ ...row, entry: { ...row.entry, ...erased } })));
    expect(await bringUp(runOn(log), 30)).toMatchObject({ added: 0 });
    expect(texts(log)).toHaveLength(30);
  });
});
