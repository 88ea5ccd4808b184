/**
 * Several replicas and many writers on a store that fails, then a look at what is kept: what the log promises,
 * checked on the store itself. Gives the promises that were broken, so that planted mistakes can be shown to break one.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { systemClock } from '../../clock.ts';
import { ChatError } from '../../errors.ts';
import { silentLogger } from '../../logger.ts';
import type { MessageEntry } from '../entries.ts';
import type { Appended, Log, Send } from '../log.ts';
import type { ChannelKey, LogRow, LogStore } from '../port.ts';
import { type Faults, FaultyStore } from './faulty-store.ts';
import { checkKept, readAll } from './kept.ts';
import { seeded } from './seeded.ts';
import { messageSend } from './sends.ts';

type CreateLog = typeof import('../create-log.ts').createLog;

export interface Simulation {
  readonly createLog: CreateLog;
  readonly store: LogStore<MessageEntry>;
  readonly seed: number;
  readonly replicas: number;
  readonly writers: number;
  readonly sendsPerWriter: number;
  /** Of sends: made on two replicas at once. */
  readonly doubled: number;
  readonly faults: Partial<Faults>;
  /** A send is given up after this and tried again; short, so that it happens. */
  readonly sendMs?: number;
  /** Writers repeat sends for no longer than this: a log that answers nothing ends the run too. 15 s. */
  readonly patienceMs?: number;
}

interface Replica {
  readonly store: FaultyStore<MessageEntry>;
  readonly log: Log<MessageEntry>;
  readonly told: LogRow<MessageEntry>[];
}

/** @returns the broken promises in plain words; none when all were kept. */
export async function simulate(simulation: Simulation): Promise<readonly string[]> {
  const random = seeded(simulation.seed);
  const channel: ChannelKey = { organizationId: randomUUID(), channelId: randomUUID() };
  /** All there ever were; the first ones may have been replaced, while what they had under way goes on. */
  const replicas: Replica[] = [];
  const start = (): void => {
    const store = new FaultyStore(simulation.store, simulation.faults, random);
    const told: LogRow<MessageEntry>[] = [];
    const log = simulation.createLog<MessageEntry>({
      store,
      clock: systemClock,
      logger: silentLogger,
      limits: { sendMs: simulation.sendMs ?? 400, batchRows: 5 },
      onAppended: (_, rows) => {
        told.push(...rows);
        // Other replicas hear of it soon, late, out of order, or not at all.
        for (const other of replicas) {
          if (other.log === log || random() < 0.3) continue;
          for (const row of rows) setTimeout(() => other.log.observe(channel, row), random() * 5);
        }
      },
    });
    replicas.push({ store, log, told });
  };
  for (let i = 0; i < simulation.replicas; i++) start();

  const broken: string[] = [];
  const acknowledged = new Map<string, { send: Send<MessageEntry>; answers: Appended<MessageEntry>[] }>();
  const any = (): Replica => {
    const serving = replicas.slice(-simulation.replicas);
    const replica = serving[Math.floor(random() * serving.length)];
    if (replica === undefined) throw new Error('at least one replica');
    return replica;
  };

  const patience = Date.now() + (simulation.patienceMs ?? 15_000);
  /** As a client does: the same send again, anywhere, until it has an answer. */
  const untilAnswered = async (send: Send<MessageEntry>): Promise<Appended<MessageEntry>> => {
    for (;;) {
      try {
        return await any().log.append(channel, send);
      } catch (error) {
        if (!(error instanceof ChatError && error.retryable) || Date.now() > patience) throw error;
      }
    }
  };
  const write = async (writer: number) => {
    let known = 0;
    for (let i = 0; i < simulation.sendsPerWriter; i++) {
      const plain = messageSend(`message ${i} of writer ${writer}`);
      const send = random() < 0.5 ? { ...plain, searchBack: { basis: known } } : plain;
      const copies = random() < simulation.doubled ? 2 : 1;
      const answers = await Promise.all(
        // A copy differs in its text, so that it shows which one was kept.
        Array.from({ length: copies }, (_, copy) =>
          untilAnswered({ ...send, entry: { ...send.entry, text: `${send.entry.text}, copy ${copy}` } }),
        ),
      );
      acknowledged.set(send.sendKey, { send, answers });
      known = Math.max(known, ...answers.map(({ row }) => row.seq));
      if (random() < 0.3) await sleep(random() * 3);
      if (random() < 0.03) start();
    }
  };
  const written = await Promise.allSettled(
    Array.from({ length: simulation.writers }, (_, writer) => write(writer)),
  );
  for (const result of written)
    if (result.status === 'rejected') broken.push(`a writer failed: ${result.reason}`);
  await Promise.all(replicas.map(({ log }) => log.close()));
  await Promise.all(replicas.map(({ store }) => store.settled()));

  const rows = await readAll(simulation.store, channel);
  broken.push(...(await checkKept(simulation.store, channel, rows)));

  const bySeq = new Map(rows.map((row) => [row.seq, row]));
  for (const [sendKey, { answers }] of acknowledged) {
    const copies = rows.filter((row) => row.sendKey === sendKey);
    if (copies.length !== 1) broken.push(`saved ${copies.length} times: ${sendKey}`);
    for (const { row } of answers) {
      if (!isDeepStrictEqual(row, bySeq.get(row.seq)))
        broken.push(`answered otherwise than kept: ${row.seq}`);
    }
  }
  if (rows.length !== acknowledged.size)
    broken.push(`${acknowledged.size} acknowledged, ${rows.length} kept`);

  for (const { told } of replicas) {
    for (const [i, row] of told.entries()) {
      if (row.seq <= (told[i - 1]?.seq ?? 0)) broken.push(`told out of order or twice: ${row.seq}`);
      if (!isDeepStrictEqual(row, bySeq.get(row.seq))) broken.push(`told otherwise than kept: ${row.seq}`);
    }
  }
  return broken;
}
