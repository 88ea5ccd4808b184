/** People who edit, delete, react and pin over several replicas, all the same few messages, while things go wrong. */
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { askDelete, askEdit, askPin, askReaction } from '../../src/chat/changes/asked.ts';
import { ChatError } from '../../src/chat/errors.ts';
import { uuidv7 } from '../../src/chat/ids.ts';
import { Unchanged } from '../../src/chat/log/deciding.ts';
import { type ChangeEntry, changeSendKey } from '../../src/chat/log/entries.ts';
import type { Appended, Log } from '../../src/chat/log/log.ts';
import type { ChannelKey, LogRow } from '../../src/chat/log/port.ts';
import { messageSearchBack } from '../../src/chat/log/search-back.ts';
import { checkKept, readAll } from '../../src/chat/log/testing/kept.ts';
import { silentLogger } from '../../src/chat/logger.ts';
import type { ChangePlan, ChangesPlan } from './changes-plan.ts';
import { checkChanges, isProjected, type Stores } from './check-changes.ts';
import { checkReaders } from './check-log.ts';
import { Stage } from './stage.ts';
import { noTroubles, steppedStore } from './stepped-store.ts';
import { inRealTime } from './virtual-time.ts';

type CreateChangeLog = typeof import('../../src/chat/changes/change-log.ts').createChangeLog;

interface Parts {
  readonly log: Log<ChangeEntry>;
  readonly told: LogRow<ChangeEntry>[];
}

/** What a channel's stores keep, in whatever form: what was deleted must not be in it. */
export type Dump = (channel: ChannelKey) => Promise<string>;

const EMOJI = ['👍', '🎉', ':wave:'];
/** Marks what must be gone once its message is deleted. */
const textOf = (message: number, what: string): string => `secret of message ${message}: ${what};`;

/** @returns the broken promises in plain words; none when all were kept. */
export async function playChanges(
  plan: ChangesPlan,
  createChangeLog: CreateChangeLog,
  stores: Stores,
  dump: Dump,
): Promise<readonly string[]> {
  const channel: ChannelKey = { organizationId: randomUUID(), channelId: randomUUID() };
  await fill(stores, channel, plan.messages);
  const { chaos } = plan;
  const stage: Stage<Parts> = new Stage(plan, (process, clock) => {
    const told: LogRow<ChangeEntry>[] = [];
    const stepped = <Store extends object>(store: Store): Store =>
      steppedStore(store, stage.world, process, () => (stage.isTroubled ? plan.troubles : noTroubles));
    const log = createChangeLog({
      changes: stepped(stores.changes),
      messages: stepped(stores.messages),
      projections: stepped(stores.projections),
      clock,
      logger: silentLogger,
      limits: { batchRows: plan.batchRows },
      onAppended: (_, rows) => {
        told.push(...rows);
        given(rows.at(-1)?.seq ?? 0, 'told of');
        for (const other of stage.serving) {
          if (other === process) continue;
          for (const row of rows)
            if (!stage.world.chance(chaos.unheard))
              stage.world.later(other, () => other.parts.log.observe(channel, row), 4);
        }
      },
    });
    return { log, told };
  });
  stage.open();
  const { world, broken } = stage;

  const looks: Promise<void>[] = [];
  /** A rev is used from now on: what it changed must show already. */
  function given(rev: number, how: string): void {
    const look = inRealTime(() => isProjected(stores, channel, rev)).then((shows) => {
      if (!shows) broken.push(`rev ${rev} was ${how} before it was projected`);
    });
    looks.push(look);
    // Looked at now, before anything else happens.
    world.await(look);
  }

  const acknowledged = new Map<string, Appended<ChangeEntry>[]>();

  async function change(person: number, i: number, changePlan: ChangePlan): Promise<void> {
    const actorId = `person-${person}`;
    const id = uuidv7(stage.wallClock);
    const entry = entryOf(plan, changePlan, actorId, i);
    const sendKey = changeSendKey(actorId, id);
    const again = async (): Promise<void> => {
      try {
        const answer = await stage.untilAnswered(async ({ log }) => {
          const searchBack = messageSearchBack(id, null, stage.wallClock);
          const appended = await log.append(channel, { sendKey, entry, bytes: 200, searchBack });
          given(appended.row.seq, 'answered');
          return appended;
        }, changePlan.isImpatient);
        acknowledged.set(sendKey, [...(acknowledged.get(sendKey) ?? []), answer]);
      } catch (error) {
        // What was wanted is so already; or the message is deleted, which the end will show.
        if (error instanceof Unchanged) return;
        if (!(error instanceof ChatError && error.code === 'CONFLICT')) throw error;
        refused.add(entry.seq ?? 0);
      }
    };
    await Promise.all(Array.from({ length: changePlan.copies }, again));
    for (let repeat = 0; repeat < changePlan.repeats; repeat++) {
      await world.moment(null);
      await again();
    }
  }
  /** Messages that somebody was told are deleted. */
  const refused = new Set<number>();

  async function act(person: number, changes: readonly ChangePlan[]): Promise<void> {
    for (const [i, changePlan] of changes.entries()) {
      await world.moment(null);
      await change(person, i, changePlan);
    }
  }

  /** Asks where the log ends, as a page does for its position. */
  async function read(times: number): Promise<void> {
    for (let i = 0; i < times; i++) {
      for (let wait = 0; wait < 15; wait++) await world.moment(null);
      const known = [...acknowledged.values()].flat().map(({ row }) => row.seq);
      const before = Math.max(0, ...known);
      await stage.untilAnswered(async ({ log }) => {
        const [rev = 0] = await log.heads([channel]);
        if (rev < before) broken.push(`the head ${rev} is behind the acknowledged ${before}`);
        given(rev, 'the head');
      });
    }
  }

  await stage.play([...plan.people.map((changes, person) => act(person, changes)), read(4)], ({ log }) =>
    log.close(),
  );
  await Promise.all(looks);

  // Whoever opens the channel next projects what a replica left behind when it ended.
  const next = createChangeLog({
    ...stores,
    clock: { now: () => stage.wallClock },
    logger: silentLogger,
    onAppended: () => undefined,
  });
  const [head = 0] = await next.heads([channel]);
  await next.close();

  const rows = await readAll(stores.changes, channel);
  if (head !== rows.length) broken.push(`the head is ${head} of ${rows.length}`);
  broken.push(...(await checkKept(stores.changes, channel, rows)));
  broken.push(...(await checkReaders(stores.changes, channel, rows)));
  const { broken: wrong, deleted } = await checkChanges(stores, channel);
  broken.push(...wrong);
  for (const seq of refused)
    if (!deleted.has(seq)) broken.push(`message ${seq} was called deleted and is not`);
  const kept = await dump(channel);
  for (const seq of deleted)
    if (kept.includes(`secret of message ${seq}:`)) broken.push(`text of deleted message ${seq} is kept`);
  for (const [sendKey, answers] of acknowledged) {
    if (rows.filter((row) => row.sendKey === sendKey).length !== 1) broken.push(`not kept once: ${sendKey}`);
    for (const { row } of answers) {
      const now = rows[row.seq - 1];
      if (!isDeepStrictEqual(withoutContent(row), now && withoutContent(now)))
        broken.push(`answered otherwise than kept: ${row.seq}`);
    }
  }
  for (const { parts } of stage.replicas)
    for (const [i, { seq }] of parts.told.entries())
      if (seq <= (parts.told[i - 1]?.seq ?? 0)) broken.push(`told out of order or twice: ${seq}`);
  return broken;
}

/** What it said may have been erased since. */
const withoutContent = ({ entry: { content: _, ...entry }, ...row }: LogRow<ChangeEntry>) => ({
  ...row,
  entry,
});

async function fill({ messages }: Stores, channel: ChannelKey, count: number): Promise<void> {
  const rows = Array.from({ length: count }, (_, i) => ({
    seq: i + 1,
    at: Date.UTC(2026, 0, 1),
    sendKey: `author/${i}`,
    entry: {
      authorId: 'author',
      clientMessageId: `${i}`,
      text: textOf(i + 1, 'as sent'),
      metadata: null,
      mentions: [],
    },
  }));
  const outcome = await messages.append({ channel, bucket: 0, expectedLast: null, rows });
  if (!outcome.applied) throw new Error('the channel has messages already');
}

function entryOf(
  plan: ChangesPlan,
  { deed, message, emoji, saysTheSame }: ChangePlan,
  actorId: string,
  i: number,
): ChangeEntry {
  const seq = (message % plan.messages) + 1;
  const asked = { seq, actorId };
  const reaction = EMOJI[emoji % EMOJI.length] ?? '';
  switch (deed) {
    case 'edit':
      return askEdit(asked, {
        text: textOf(seq, saysTheSame ? 'the same' : `${actorId}, ${i}`),
        mentions: [],
      });
    case 'delete':
      return askDelete(asked);
    case 'react':
    case 'unreact':
      return askReaction(asked, reaction, deed === 'react');
    case 'pin':
    case 'unpin':
      return askPin(asked, deed === 'pin');
    case 'join':
      return { kind: 'MEMBER_JOINED', head: plan.messages, actorId, userId: actorId };
  }
}
