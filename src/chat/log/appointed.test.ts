/** One replica appends for others: whatever they think of who that is, only speed depends on it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { systemClock } from '../clock.ts';
import { silentLogger } from '../logger.ts';
import type { Appointed } from './appointed.ts';
import { type CreatedLog, createLog, type LogOptions } from './create-log.ts';
import type { MessageEntry } from './entries.ts';
import type { Appended } from './log.ts';
import { freshChannel } from './log-store.contract.ts';
import { MemoryStore } from './testing/memory-store.ts';
import { messageSend } from './testing/sends.ts';
import { simulate } from './testing/simulate.ts';

type Answers = readonly (Appended<MessageEntry> | null)[];

interface Replica {
  readonly log: CreatedLog<MessageEntry>;
  forwarded: number;
}

/** Whom a replica hands its sends to, and what becomes of the answers. Null: it appends by itself. */
type View = (
  replicas: readonly Replica[],
  self: number,
) => { to: Replica; answers: 'ALL' | 'SOME' | 'NONE' } | null;

/** A `createLog` whose replicas hand sends on as the view says; without a network in between, so that all is fast. */
function withView(view: View) {
  const replicas: Replica[] = [];
  const create = (options: LogOptions<MessageEntry>): CreatedLog<MessageEntry> => {
    const self = replicas.length;
    const appointed: Appointed<MessageEntry> = {
      isDeaf: () => false,
      forward(channel, sends) {
        const target = view(replicas, self);
        const own = replicas[self];
        if (target === null || own === undefined || target.to === own) return null;
        own.forwarded++;
        const { to, answers } = target;
        const asked = sends.map((send) => to.log.appendHere(channel, send).catch(() => null));
        // As over a network: what was asked for goes on there, whether or not the answer comes back.
        if (answers === 'NONE') return sleep(1, []);
        const given: Promise<Answers> = Promise.all(asked).then((all) =>
          answers === 'ALL' ? all : all.map((answer, i) => (i % 2 === 0 ? answer : null)),
        );
        return Promise.race([given, sleep(50, [])]);
      },
    };
    const log = createLog<MessageEntry>({ ...options, appointed });
    replicas.push({ log, forwarded: 0 });
    return log;
  };
  return { replicas, create };
}

const newest = (replicas: readonly Replica[], back: number): Replica | undefined => replicas.at(-1 - back);
const handTo = (to: Replica | undefined, answers: 'ALL' | 'SOME' | 'NONE' = 'ALL') =>
  to === undefined ? null : { to, answers };

const views: readonly (readonly [string, View])[] = [
  ['all agree', (replicas) => handTo(replicas[0])],
  ['everybody takes the next for it', (replicas, self) => handTo(replicas[(self + 1) % replicas.length])],
  ['half take one for it, half another', (replicas, self) => handTo(newest(replicas, self % 2))],
  ['the one that all take for it does not answer', (replicas) => handTo(replicas[0], 'NONE')],
  ['it answers for some only', (replicas) => handTo(newest(replicas, 0), 'SOME')],
  [
    'each time another is taken for it',
    (replicas) =>
      handTo(replicas[Math.floor(Math.random() * replicas.length)], Math.random() < 0.7 ? 'ALL' : 'NONE'),
  ],
];

describe('nothing is lost, doubled or put in another order', () => {
  test.each(views)(
    'when %s',
    async (_, view) => {
      let forwarded = 0;
      const runs = Array.from({ length: 6 }, async (_, seed) => {
        const { replicas, create } = withView(view);
        const broken = await simulate({
          // The simulation makes logs of messages alone.
          createLog: create as typeof createLog,
          store: new MemoryStore(seed % 2 === 0 ? 4 : 8),
          seed,
          replicas: 2 + (seed % 3),
          writers: 8,
          sendsPerWriter: 8,
          doubled: 0.4,
          faults:
            seed < 2
              ? { latencyMs: 3 }
              : { lost: 0.03, unheard: 0.05, late: 0.05, wrongHint: 0.3, latencyMs: 3 },
          sendMs: 1_500,
          patienceMs: 25_000,
        });
        forwarded += replicas.reduce((sum, replica) => sum + replica.forwarded, 0);
        return { seed, broken };
      });
      expect((await Promise.all(runs)).filter(({ broken }) => broken.length > 0)).toEqual([]);
      expect(forwarded).toBeGreaterThan(0);
    },
    60_000,
  );

  test.each(views)('and what one sender sends in turn stays in its order, when %s', async (_, view) => {
    const store = new MemoryStore<MessageEntry>(8);
    const { replicas, create } = withView(view);
    for (let i = 0; i < 3; i++) {
      create({ store, clock: systemClock, logger: silentLogger, onAppended: () => undefined });
    }
    const channel = freshChannel();
    const write = async (writer: number) => {
      for (let i = 0; i < 12; i++) {
        await replicas[(writer + i) % 3]?.log.append(channel, messageSend(`${writer}/${i}`));
      }
    };
    await Promise.all(Array.from({ length: 6 }, (_, writer) => write(writer)));
    const texts = (await store.range(channel, 1, 100)).map(({ entry }) => entry.text);
    expect(texts).toHaveLength(72);
    for (let writer = 0; writer < 6; writer++) {
      const own = texts.filter((text) => text.startsWith(`${writer}/`));
      expect(own).toEqual(Array.from({ length: 12 }, (_, i) => `${writer}/${i}`));
    }
  });
});

describe('sends', () => {
  const setUp = (
    forward: Appointed<MessageEntry>['forward'],
    given: Partial<LogOptions<MessageEntry>> = {},
  ) => {
    const store = new MemoryStore<MessageEntry>(8);
    const told: number[] = [];
    const make = (appointed?: Appointed<MessageEntry>) =>
      createLog<MessageEntry>({
        store,
        clock: systemClock,
        logger: silentLogger,
        onAppended: (_, rows) => told.push(...rows.map(({ seq }) => seq)),
        ...(appointed && { appointed, ...given }),
      });
    return {
      store,
      told,
      log: make({ forward, isDeaf: () => false }),
      other: make(),
      channel: freshChannel(),
    };
  };
  /** Makes `log` meet another replica in the channel. */
  const meet = async ({ log, other, channel }: ReturnType<typeof setUp>) => {
    await log.append(channel, messageSend('1'));
    await other.append(channel, messageSend('2'));
    await log.append(channel, messageSend('3'));
  };

  test('are handed to nobody in a channel where no other replica was met', async () => {
    let asked = 0;
    const { log, channel } = setUp(() => {
      asked++;
      return null;
    });
    for (let i = 0; i < 10; i++) await log.append(channel, messageSend(`${i}`));
    expect(asked).toBe(0);
  });

  test('are answered with what the other replica answered, and are not told of twice', async () => {
    const all = setUp((channel, sends) =>
      Promise.all(sends.map((send) => all.other.appendHere(channel, send))),
    );
    await meet(all);
    const answer = await all.log.append(all.channel, messageSend('by the other'));
    expect(answer).toMatchObject({ row: { seq: 4, entry: { text: 'by the other' } }, isDuplicate: false });
    expect(all.told).toEqual([1, 2, 3, 4]);
  });

  test('are appended here when there is no answer, an answer for another send, or a failure', async () => {
    const answers: (() => ReturnType<Appointed<MessageEntry>['forward']>)[] = [];
    const all = setUp(() => answers.shift()?.() ?? null);
    await meet(all);
    const another = { row: { ...messageSend('x'), seq: 1, at: 1 }, isDuplicate: false };
    answers.push(
      () => Promise.resolve([]),
      () => Promise.resolve([another]),
      () => Promise.reject(new Error('a broken adapter')),
    );
    for (let seq = 4; seq <= 7; seq++) {
      const { row, isDuplicate } = await all.log.append(all.channel, messageSend(`${seq}`));
      expect([row.seq, row.entry.text, isDuplicate]).toEqual([seq, `${seq}`, false]);
    }
    expect(answers).toEqual([]);
  });

  test('that nobody waits for any more, without an answer, are for whoever listens to look at', async () => {
    const { promise: silence, resolve: end } = Promise.withResolvers<[]>();
    const uncertain: string[] = [];
    let hasMet = false;
    const all = setUp(() => (hasMet ? silence : null), {
      limits: { sendMs: 50 },
      onUncertain: ({ channelId }) => uncertain.push(channelId),
    });
    await meet(all);
    hasMet = true;
    await expect(all.log.append(all.channel, messageSend('unheard'))).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
    expect(uncertain).toEqual([]);
    end([]);
    await vi.waitFor(() => expect(uncertain).toEqual([all.channel.channelId]));
  });

  test('that another replica hands over are never handed on', async () => {
    let asked = 0;
    const all = setUp(() => {
      asked++;
      return Promise.resolve([]);
    });
    await meet(all);
    const before = asked;
    expect((await all.log.appendHere(all.channel, messageSend('here'))).row.seq).toBe(4);
    expect(asked).toBe(before);
    // Nor when it was sent here as well.
    const send = messageSend('on both');
    const answers = await Promise.all([
      all.log.append(all.channel, send),
      all.log.appendHere(all.channel, send),
    ]);
    expect(answers.map(({ row }) => row.seq)).toEqual([5, 5]);
    expect(asked).toBe(before);
  });

  test('without an answer that the other did save are found, also several buckets on', async () => {
    let hasMet = false;
    let later: Promise<unknown> | undefined;
    const saveUnheard = async (...[channel, sends]: Parameters<Appointed<MessageEntry>['forward']>) => {
      hasMet = false;
      for (const send of sends) await all.other.appendHere(channel, send);
      // Further than a send that names nothing is searched for when it comes new.
      for (let i = 0; i < 40; i++) await all.other.append(channel, messageSend('in between'));
      // Makes this replica look where the log ends before it tries again.
      later = all.log.append(channel, messageSend('knows more', { searchBack: { basis: 44 } }));
      return [];
    };
    const all = setUp((channel, sends) => (hasMet ? saveUnheard(channel, sends) : null));
    await meet(all);
    hasMet = true;
    const send = messageSend('saved there', { searchBack: 'ONE_BUCKET' });
    expect(await all.log.append(all.channel, send)).toMatchObject({ row: { seq: 4 }, isDuplicate: true });
    await later;
    const rows = await all.store.range(all.channel, 1, 60);
    expect(rows).toHaveLength(45);
    expect(rows.filter(({ sendKey }) => sendKey === send.sendKey)).toHaveLength(1);
    expect(all.told.filter((seq) => seq === 4)).toEqual([4]);
  });
});
