/** Writers and readers of one message log over several replicas, in a world where things go wrong. */
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { uuidv7 } from '../../src/chat/ids.ts';
import { type MessageEntry, messageSendKey } from '../../src/chat/log/entries.ts';
import type { Appended, Log, Send } from '../../src/chat/log/log.ts';
import type { ChannelKey, LogRow, LogStore } from '../../src/chat/log/port.ts';
import { messageSearchBack } from '../../src/chat/log/search-back.ts';
import { checkKept, readAll } from '../../src/chat/log/testing/kept.ts';
import { silentLogger } from '../../src/chat/logger.ts';
import { checkReaders } from './check-log.ts';
import type { LogPlan, SendPlan } from './log-plan.ts';
import { Stage } from './stage.ts';
import { noTroubles, steppedStore } from './stepped-store.ts';

type CreateLog = typeof import('../../src/chat/log/create-log.ts').createLog;

interface Parts {
  readonly log: Log<MessageEntry>;
  readonly told: LogRow<MessageEntry>[];
}

/** Clients' clocks may be wrong by less than the ten minutes that are allowed for. */
const CLIENT_SKEW_MS = 9 * 60_000;

/** @returns the broken promises in plain words; none when all were kept. */
export async function playLog(
  plan: LogPlan,
  createLog: CreateLog,
  store: LogStore<MessageEntry>,
): Promise<readonly string[]> {
  const channel: ChannelKey = { organizationId: randomUUID(), channelId: randomUUID() };
  const { chaos } = plan;
  const stage: Stage<Parts> = new Stage(plan, (process, clock) => {
    const told: LogRow<MessageEntry>[] = [];
    const log = createLog<MessageEntry>({
      store: steppedStore(store, stage.world, process, () => (stage.isTroubled ? plan.troubles : noTroubles)),
      clock,
      logger: silentLogger,
      limits: { batchRows: plan.batchRows },
      onAppended: (_, rows) => {
        told.push(...rows);
        publish(log, rows);
      },
    });
    return { log, told };
  });
  stage.open();
  const { world, broken } = stage;

  /** Other replicas hear of it soon, late, twice, in any order, or not at all; and of what never was. */
  function publish(log: Log<MessageEntry>, rows: readonly LogRow<MessageEntry>[]): void {
    for (const other of stage.serving) {
      if (other.parts.log === log) continue;
      for (const row of rows) {
        if (world.chance(chaos.unheard)) continue;
        const observe = (seq: number) =>
          world.later(other, () => other.parts.log.observe(channel, { ...row, seq }), 4);
        observe(row.seq);
        if (world.chance(0.1)) observe(row.seq);
        if (world.chance(chaos.lies)) observe(row.seq + 1 + Math.floor(world.random() * 3));
      }
    }
  }

  const acknowledged = new Map<string, Appended<MessageEntry>[]>();

  async function write(writer: number, sends: readonly SendPlan[]): Promise<void> {
    const skew = Math.floor((world.random() - 0.5) * 2 * CLIENT_SKEW_MS);
    let known = 0;
    for (const [i, sendPlan] of sends.entries()) {
      await world.moment(null);
      const id = uuidv7(stage.wallClock + skew);
      const basis = sendPlan.tells === 'basis' ? known : null;
      const again = async (copy: number): Promise<void> => {
        // A copy differs in its text, so that it shows which one was kept.
        const text = `message ${i} of writer ${writer}, copy ${copy}`;
        const send = (): Send<MessageEntry> => ({
          sendKey: messageSendKey(`writer-${writer}`, id),
          entry: { authorId: `writer-${writer}`, clientMessageId: id, text, metadata: null, mentions: [] },
          bytes: 100,
          searchBack: messageSearchBack(id, basis, stage.wallClock),
        });
        const answer = await stage.untilAnswered(
          ({ log }) => log.append(channel, send()),
          sendPlan.isImpatient,
        );
        const answers = acknowledged.get(send().sendKey) ?? [];
        acknowledged.set(send().sendKey, [...answers, answer]);
        known = Math.max(known, answer.row.seq);
      };
      await Promise.all(Array.from({ length: sendPlan.copies }, (_, copy) => again(copy)));
      for (let repeat = 0; repeat < sendPlan.repeats; repeat++) {
        await world.moment(null);
        await again(sendPlan.copies + repeat);
      }
    }
  }

  const seen: (readonly LogRow<MessageEntry>[])[] = [];
  /** Reads now and then, and must see all that was acknowledged before it began. */
  async function read(times: number): Promise<void> {
    for (let i = 0; i < times; i++) {
      for (let wait = 0; wait < 20; wait++) await world.moment(null);
      const [before] = [Math.max(0, ...[...acknowledged.values()].flat().map(({ row }) => row.seq))];
      const rows = await stage.untilAnswered(async ({ log }) => {
        const [head = 0] = await log.heads([channel]);
        if (head < before) broken.push(`the head ${head} is behind the acknowledged ${before}`);
        return head === 0 ? [] : log.range(channel, 1, head);
      });
      seen.push(rows);
    }
  }

  await stage.play([...plan.writers.map((sends, writer) => write(writer, sends)), read(3)], ({ log }) =>
    log.close(),
  );

  const rows = await readAll(store, channel);
  const kept = await checkKept(store, channel, rows);
  // Whoever was told a lie about the newest entry may go on from its time.
  broken.push(...kept.filter((what) => chaos.lies === 0 || !what.startsWith('time')));
  broken.push(...(await checkReaders(store, channel, rows)));
  for (const [sendKey, answers] of acknowledged) {
    const copies = rows.filter((row) => row.sendKey === sendKey).length;
    if (copies !== 1) broken.push(`kept ${copies} times: ${sendKey}`);
    for (const { row } of answers)
      if (!isDeepStrictEqual(row, rows[row.seq - 1])) broken.push(`answered otherwise than kept: ${row.seq}`);
  }
  if (rows.length !== acknowledged.size)
    broken.push(`${acknowledged.size} acknowledged, ${rows.length} kept`);
  for (const page of seen)
    if (!isDeepStrictEqual(page, rows.slice(0, page.length))) broken.push('a reader saw another order');
  for (const { parts } of stage.replicas) {
    for (const [i, row] of parts.told.entries()) {
      // Told again only after somebody lied about where the log ends.
      if (chaos.lies === 0 && row.seq <= (parts.told[i - 1]?.seq ?? 0))
        broken.push(`told out of order or twice: ${row.seq}`);
      if (!isDeepStrictEqual(row, rows[row.seq - 1])) broken.push(`told otherwise than kept: ${row.seq}`);
    }
  }
  return broken;
}
