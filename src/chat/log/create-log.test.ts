/** What the log does when things go wrong around it; what it does when they go right is in log.contract.ts. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../clock.ts';
import { silentLogger } from '../logger.ts';
import { createLog, type LogOptions } from './create-log.ts';
import type { MessageEntry } from './entries.ts';
import { freshChannel } from './log-store.contract.ts';
import type { LogRow, LogStore } from './port.ts';
import { BatchRefused, OutcomeUnknown, StoreUnreachable } from './port.ts';
import { CountingStore } from './testing/counting-store.ts';
import { FaultyStore } from './testing/faulty-store.ts';
import { MemoryStore } from './testing/memory-store.ts';
import { messageSend } from './testing/sends.ts';
import { simulate } from './testing/simulate.ts';

const setUp = (options: Partial<LogOptions<MessageEntry>> = {}, bucketSize = 8) => {
  const memory = new MemoryStore<MessageEntry>(bucketSize);
  const faulty = new FaultyStore(memory, {}, Math.random);
  const told: LogRow<MessageEntry>[] = [];
  const log = createLog<MessageEntry>({
    store: faulty,
    clock: systemClock,
    logger: silentLogger,
    onAppended: (_, rows) => told.push(...rows),
    ...options,
  });
  const channel = freshChannel();
  const append = (text: string) => log.append(channel, messageSend(text));
  return { memory, faulty, log, channel, told, append };
};
const down = { refused: 1 };
const unavailable = { code: 'UNAVAILABLE', retryable: true };

describe('with the store away', () => {
  test('a send waits for it, and is saved when it is back', async () => {
    const { faulty, append } = setUp();
    faulty.faults = { ...faulty.faults, ...down };
    const answer = append('patient');
    setTimeout(() => {
      faulty.faults = { ...faulty.faults, refused: 0 };
    }, 60);
    expect((await answer).row.seq).toBe(1);
  });

  test('a send that waits for too long is told so, and may be repeated', async () => {
    const { faulty, log, channel } = setUp({ limits: { sendMs: 1_000 } });
    faulty.faults = { ...faulty.faults, ...down };
    const send = messageSend('again');
    await expect(log.append(channel, send)).rejects.toMatchObject(unavailable);
    faulty.faults = { ...faulty.faults, refused: 0 };
    expect((await log.append(channel, send)).row.seq).toBe(1);
  });

  test('a send that was given up may still be saved, and its repeat finds it', async () => {
    const { faulty, log, channel, memory } = setUp({ limits: { sendMs: 30 } });
    await log.append(channel, messageSend('opens the channel'));
    faulty.faults = { ...faulty.faults, late: 1, latencyMs: 20 };
    const send = messageSend('late');
    await expect(log.append(channel, send)).rejects.toMatchObject(unavailable);
    await faulty.settled();
    faulty.faults = { ...faulty.faults, late: 0, latencyMs: 0 };
    expect(await log.append(channel, send)).toMatchObject({ isDuplicate: true, row: { seq: 2 } });
    expect(await memory.range(channel, 1, 10)).toHaveLength(2);
  });

  test('reads say so', async () => {
    const { faulty, log, channel } = setUp();
    faulty.faults = { ...faulty.faults, ...down };
    await expect(log.heads([channel])).rejects.toMatchObject(unavailable);
    await expect(log.range(channel, 1, 10)).rejects.toMatchObject(unavailable);
    await expect(log.rows([{ channel, seq: 1 }])).rejects.toMatchObject(unavailable);
    await expect(log.lastBefore(channel, 1)).rejects.toMatchObject(unavailable);
  });

  test('a repeat whose first message cannot be read is told so', async () => {
    const { memory, channel } = setUp();
    const send = messageSend('saved');
    const { log: first } = setUp({ store: memory });
    await first.append(channel, send);
    const unreadable: LogStore<MessageEntry> = new FaultyStore(memory, {}, Math.random);
    unreadable.rows = () => Promise.reject(new StoreUnreachable('refused'));
    const { log } = setUp({ store: unreadable });
    await expect(log.append(channel, send)).rejects.toMatchObject(unavailable);
  });
});

describe('neighbours', () => {
  test('of an entry that is too large are saved, and it alone is refused', async () => {
    const { log, channel, append } = setUp();
    const large = { ...messageSend('large'), bytes: 256 * 1024 + 1 };
    const answers = await Promise.allSettled([append('a'), log.append(channel, large), append('b')]);
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    await expect(log.append(channel, large)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    expect(await log.heads([channel])).toEqual([2]);
  });

  test.each([
    ['refuses', () => new BatchRefused('cannot take this')],
    ['fails at in its own way', () => new TypeError('a driver’s own')],
  ])('of an entry that the store %s are saved', async (_, failure) => {
    const { memory, channel } = setUp();
    const picky: LogStore<MessageEntry> = new FaultyStore(memory, {}, Math.random);
    const append = picky.append.bind(picky);
    picky.append = async (batch) => {
      if (batch.rows.some((row) => row.entry.text === 'poison')) throw failure();
      return append(batch);
    };
    const { log } = setUp({ store: picky, limits: { sendMs: 1_500 } }, 64);
    const texts = ['a', 'b', 'poison', 'c', 'd', 'e', 'f', 'g'];
    const answers = await Promise.allSettled(texts.map((text) => log.append(channel, messageSend(text))));
    expect(answers.map(({ status }) => status === 'fulfilled')).toEqual(
      texts.map((text) => text !== 'poison'),
    );
    expect(await log.heads([channel])).toEqual([7]);
    const rows = await log.range(channel, 1, 7);
    expect(rows.map(({ entry }) => entry.text)).toEqual(texts.filter((text) => text !== 'poison'));
  });

  test('are not blamed for a store that is away: all go together, in order, once it is back', async () => {
    const { faulty, append } = setUp({}, 64);
    const sizes: number[] = [];
    const store = faulty.append.bind(faulty);
    let failures = 0;
    faulty.append = async (batch) => {
      if (++failures <= 4)
        throw failures % 2 ? new StoreUnreachable('away') : new OutcomeUnknown('no answer');
      sizes.push(batch.rows.length);
      return store(batch);
    };
    const answers = await Promise.all(['a', 'b', 'c', 'd', 'e'].map(append));
    expect(answers.map(({ row }) => row.entry.text)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(answers.map(({ row }) => row.seq)).toEqual([1, 2, 3, 4, 5]);
    expect(sizes).toEqual([5]);
  });

  test('in other channels do not wait for a channel whose store hangs', async () => {
    const { memory, channel } = setUp();
    const hanging: LogStore<MessageEntry> = new FaultyStore(memory, {}, Math.random);
    const append = hanging.append.bind(hanging);
    const hung = Promise.withResolvers<void>();
    hanging.append = async (batch) => {
      if (batch.channel.channelId === channel.channelId) await hung.promise;
      return append(batch);
    };
    const { log } = setUp({ store: hanging });
    const stuck = log.append(channel, messageSend('stuck'));
    expect((await log.append(freshChannel(), messageSend('free'))).row.seq).toBe(1);
    hung.resolve();
    expect((await stuck).row.seq).toBe(1);
  });

  test('that need no search do not wait for one that does', async () => {
    const { memory, channel } = setUp();
    const { log: past } = setUp({ store: memory });
    await Promise.all(Array.from({ length: 20 }, (_, i) => past.append(channel, messageSend(`${i}`))));
    const slow: LogStore<MessageEntry> = new FaultyStore(memory, {}, Math.random);
    const consult = slow.consult.bind(slow);
    const searched = Promise.withResolvers<void>();
    slow.consult = async (ref, keys) => {
      await searched.promise;
      return consult(ref, keys);
    };
    const { log } = setUp({ store: slow });
    const far = log.append(channel, messageSend('far', { searchBack: { basis: 0 } }));
    const near = await log.append(channel, messageSend('near', { searchBack: { basis: 20 } }));
    expect(near.row.seq).toBe(21);
    searched.resolve();
    expect((await far).row.seq).toBe(22);
  });
});

describe('bounds', () => {
  test('a channel takes so many waiting sends, and more when they are done', async () => {
    const { log, channel, append } = setUp({ limits: { channelSends: 5 } });
    const waiting = Array.from({ length: 5 }, (_, i) => append(`${i}`));
    await expect(append('one too many')).rejects.toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 1_000 });
    await Promise.all(waiting);
    expect((await append('later')).row.seq).toBe(6);
    expect(await log.heads([channel])).toEqual([6]);
  });

  test('all channels together hold so many waiting bytes', async () => {
    const { log } = setUp({ limits: { waitingBytes: 1_000 } });
    const send = (bytes: number) => log.append(freshChannel(), { ...messageSend('x'), bytes });
    const [first, second] = [send(600), send(400)];
    await expect(send(1)).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    await Promise.all([first, second]);
    expect((await send(1_000)).row.seq).toBe(1);
  });

  test('idle channels are forgotten beyond a number, and found again', async () => {
    const memory = new MemoryStore<MessageEntry>(8);
    const counting = new CountingStore(memory);
    const { log } = setUp({ store: counting, limits: { openChannels: 3 } });
    const channels = Array.from({ length: 4 }, freshChannel);
    for (const channel of channels) await log.append(channel, messageSend('first'));
    expect(counting.calls.tailHints).toBe(4);
    for (const channel of channels.slice(1)) await log.append(channel, messageSend('second'));
    expect(counting.calls.tailHints).toBe(4);
    for (const channel of channels.slice(0, 1)) {
      expect((await log.append(channel, messageSend('second'))).row.seq).toBe(2);
    }
    expect(counting.calls.tailHints).toBe(5);
  });

  test('the channel used least recently is the one that is forgotten', async () => {
    const counting = new CountingStore(new MemoryStore<MessageEntry>(8));
    const { log } = setUp({ store: counting, limits: { openChannels: 3 } });
    const [a, b, c, d] = [freshChannel(), freshChannel(), freshChannel(), freshChannel()];
    for (const channel of [a, b, c, a, d]) await log.append(channel, messageSend('x'));
    counting.calls = {};
    // `b` went for `d`; the others are open still.
    for (const channel of [a, c, d]) await log.append(channel, messageSend('x'));
    expect(counting.calls.tailHints).toBeUndefined();
    await log.append(b, messageSend('x'));
    expect(counting.calls.tailHints).toBe(1);
  });

  test('far more channels than may be open take no more memory, and each send is saved all the same', async () => {
    const memory = new MemoryStore<MessageEntry>(8);
    const { log } = setUp({ store: memory, limits: { openChannels: 50 } });
    const channels = Array.from({ length: 5_000 }, freshChannel);
    for (let round = 1; round <= 2; round++) {
      for (let i = 0; i < channels.length; i += 20) {
        const answers = await Promise.all(
          channels.slice(i, i + 20).map((channel) => log.append(channel, messageSend('x'))),
        );
        expect(new Set(answers.map(({ row }) => row.seq))).toEqual(new Set([round]));
        expect(log.openChannels()).toBeLessThanOrEqual(50);
      }
    }
    expect(log.openChannels()).toBe(50);
  });

  test('a channel at work is never forgotten', async () => {
    const { log, channel, append, faulty } = setUp({ limits: { openChannels: 1 } });
    faulty.faults = { ...faulty.faults, latencyMs: 10 };
    const busy = append('busy');
    await expect(log.append(freshChannel(), messageSend('x'))).rejects.toMatchObject({
      code: 'RATE_LIMITED',
    });
    expect((await busy).row.seq).toBe(1);
    await sleep(1);
    expect((await log.append(freshChannel(), messageSend('x'))).row.seq).toBe(1);
    expect(await log.heads([channel])).toEqual([1]);
  });

  test('a range is of at most 1,000', async () => {
    const { log, channel } = setUp();
    expect(await log.range(channel, -5, 995)).toEqual([]);
    await expect(log.range(channel, 1, 1_001)).rejects.toBeInstanceOf(RangeError);
  });
});

describe('telling', () => {
  test('that fails harms no send', async () => {
    const { append } = setUp({
      onAppended: () => {
        throw new Error('a bus that throws');
      },
    });
    expect((await append('saved all the same')).row.seq).toBe(1);
  });

  test('includes what was saved after its senders had given up', async () => {
    const { faulty, append, told, log } = setUp({ limits: { sendMs: 30 } });
    await append('opens the channel');
    const slow = faulty.append.bind(faulty);
    faulty.append = async (batch) => {
      await sleep(60);
      return slow(batch);
    };
    await expect(append('given up')).rejects.toMatchObject(unavailable);
    await log.close();
    expect(told.map(({ seq }) => seq)).toEqual([1, 2]);
  });

  test('a hint that cannot be written delays nobody', async () => {
    const { faulty, append, log } = setUp();
    const hung = Promise.withResolvers<void>();
    faulty.hintTail = () => hung.promise;
    for (let seq = 1; seq <= 17; seq++) expect((await append('x')).row.seq).toBe(seq);
    hung.reject(new StoreUnreachable('refused'));
    await log.close();
  });
});

describe('a log that is not what it was', () => {
  test('sealed, refuses appends until it is found elsewhere, and can be read', async () => {
    for (const head of [3, 8, 11]) {
      const { memory, log, channel, append } = setUp();
      for (let i = 0; i < head; i++) await append(`${i}`);
      await memory.seal(channel, head, 'elsewhere');
      for (const writer of [log, setUp({ store: memory }).log]) {
        await expect(writer.append(channel, messageSend('late'))).rejects.toMatchObject({
          ...unavailable,
          message: expect.stringContaining('being moved'),
        });
        expect(await writer.heads([channel])).toEqual([head]);
        expect(await writer.range(channel, 1, 20)).toHaveLength(head);
      }
    }
  });

  test('emptied by a restore, is begun anew and not with a gap', async () => {
    const { memory, append, log, channel, told } = setUp();
    for (let i = 0; i < 11; i++) await append(`${i}`);
    memory.clear();
    expect((await append('after')).row.seq).toBe(1);
    expect(await log.heads([channel])).toEqual([1]);
    expect(told.at(-1)?.seq).toBe(1);
  });
});

describe('closing', () => {
  test('waits for what is under way and refuses what comes after', async () => {
    const { log, append, faulty } = setUp();
    faulty.faults = { ...faulty.faults, latencyMs: 10 };
    const under = append('under way');
    const closed = log.close();
    await expect(append('too late')).rejects.toMatchObject({ ...unavailable });
    await closed;
    expect((await under).row.seq).toBe(1);
  });

  test('ends when all had given up while the channel was being opened', async () => {
    const { log, append, faulty } = setUp({ limits: { sendMs: 20 } });
    const hints = faulty.tailHints.bind(faulty);
    faulty.tailHints = async (channels) => {
      await sleep(50);
      return hints(channels);
    };
    await expect(append('given up')).rejects.toMatchObject(unavailable);
    await log.close();
  });
});

test('a client that knows more than this replica is believed after a look, and no further', async () => {
  const memory = new MemoryStore<MessageEntry>(4);
  const counting = new CountingStore(memory);
  const { log: here } = setUp({ store: counting });
  const { log: there } = setUp({ store: memory });
  const channel = freshChannel();
  await here.append(channel, messageSend('one'));
  for (let i = 2; i <= 30; i++) await there.append(channel, messageSend(`${i}`));
  counting.calls = {};
  const send = messageSend('next', { searchBack: { basis: 30 } });
  expect((await here.append(channel, send)).row.seq).toBe(31);
  expect(counting.calls).toMatchObject({ append: 1 });
  expect(counting.calls.consult).toBeUndefined();

  // A basis beyond the head says nothing: the repeat is still found, across a bucket's end.
  const lying = messageSend('lying', { searchBack: { basis: 1_000_000 } });
  const { row } = await here.append(channel, lying);
  expect(await there.append(channel, lying)).toMatchObject({ isDuplicate: true, row: { seq: row.seq } });
});

test('keeps its promises over many runs of replicas and faults', async () => {
  const runs = Array.from({ length: 24 }, (_, seed) =>
    simulate({
      createLog,
      store: new MemoryStore(seed % 2 === 0 ? 4 : 8),
      seed,
      replicas: 2 + (seed % 2),
      writers: 8,
      sendsPerWriter: 8,
      doubled: 0.5,
      faults: {
        refused: 0.05 * (seed % 3),
        lost: 0.05,
        unheard: 0.05,
        late: 0.05 * (seed % 4),
        wrongHint: 0.3,
        latencyMs: seed % 5,
      },
      sendMs: seed % 7 === 0 ? 150 : 600,
      patienceMs: 25_000,
    }).then((broken) => ({ seed, broken })),
  );
  expect((await Promise.all(runs)).filter(({ broken }) => broken.length > 0)).toEqual([]);
}, 60_000);
