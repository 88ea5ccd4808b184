/**
 * Appends to a log what was done to its messages, by the change log's own rules and in the order of the times. What an
 * earlier run has appended is known by its name and left alone, even where people have undone it since.
 */
import { askDelete, askEdit, askPin, askReaction } from '../../chat/changes/asked.ts';
import { threadIdOf } from '../../chat/channels/thread-id.ts';
import { ChatError } from '../../chat/errors.ts';
import { Unchanged } from '../../chat/log/deciding.ts';
import { type ChangeEntry, changeSendKey } from '../../chat/log/entries.ts';
import type { Send } from '../../chat/log/log.ts';
import type { ChannelKey } from '../../chat/log/port.ts';
import type { ImportedEvent } from './events.ts';
import { patiently, waitOut } from './patience.ts';
import type { Run } from './run.ts';
import type { StagedEvent } from './staging.ts';
import type { Counted } from './tally.ts';
import type { Work } from './work.ts';

interface Asked {
  readonly send: Send<ChangeEntry>;
  readonly counted: Counted;
  /** Of the outbox: what this announces, done once it is appended. */
  readonly outboxId?: string;
}

const COUNTED: Readonly<Record<ImportedEvent['kind'], Counted>> = {
  EDITED: 'edits',
  DELETED: 'deleted',
  PINNED: 'pins',
  REACTION_ADDED: 'reactions',
  THREAD_OPENED: 'threads',
};
const FIXED_BYTES = 800;
/** Open announcements of one channel that are looked at; a killed run leaves a few. */
const MOST_OPEN = 500;

/**
 * @param log as Staging.addEvent has it.
 * @param headBefore the newest number of the change log, all of which the staging knows.
 */
export async function appendEvents(
  work: Work,
  channel: ChannelKey,
  log: string,
  headBefore: number,
): Promise<void> {
  const { run, staging } = work;
  let head = headBefore;
  // A thread has no threads.
  const unannounced = log === '' ? await openAnnouncements(run, channel) : new Map<string, string>();
  let last: StagedEvent | null = null;
  while (!run.signal.aborted) {
    const events: readonly StagedEvent[] = staging.events(log, last);
    last = events.at(-1) ?? null;
    if (last === null) return;
    const round: Asked[] = [];
    for (const event of events) {
      const asked = await askOf(work, channel, event, head, unannounced);
      if (asked !== null) round.push(asked);
    }
    head = await appendRound(run, channel, round, head);
  }
}

/** Threads that a killed run opened and did not announce: outbox ids by thread. */
async function openAnnouncements(
  run: Run,
  { organizationId, channelId }: ChannelKey,
): Promise<Map<string, string>> {
  const rows = await patiently(run, () => run.stores.outbox.open(organizationId, channelId, MOST_OPEN));
  return new Map(rows.flatMap(({ id, thread }) => (thread === undefined ? [] : [[thread.channelId, id]])));
}

/** Null when there is nothing to do: it is there already, or its message is not. */
async function askOf(
  { run, staging }: Work,
  channel: ChannelKey,
  staged: StagedEvent,
  head: number,
  unannounced: ReadonlyMap<string, string>,
): Promise<Asked | null> {
  const seq = staging.seqOf(staged.clientId);
  if (seq === null) return null;
  const event = JSON.parse(staged.json) as ImportedEvent; // as events.ts wrote it
  const { actorId } = event;
  const common = {
    bytes: FIXED_BYTES,
    searchBack: { basis: Math.max(0, head - 4 * run.window) },
    at: staged.at,
  };
  const counted = COUNTED[event.kind];
  if (event.kind === 'THREAD_OPENED') {
    const outboxId = await openThread(run, channel, seq, event, staged.at, unannounced);
    if (outboxId === null) return null;
    const threadId = threadIdOf(channel.organizationId, { channelId: channel.channelId, seq });
    const entry: ChangeEntry = { kind: 'THREAD_OPENED', head: seq, actorId, userId: null, seq, threadId };
    return { send: { ...common, sendKey: outboxId, entry }, counted, outboxId };
  }
  const sendKey = changeSendKey(actorId, event.changeId);
  if (staging.isChanged(sendKey)) return null;
  const entry = entryOf(seq, event);
  const bytes = FIXED_BYTES + (event.kind === 'EDITED' ? Buffer.byteLength(staged.json) : 0);
  return { send: { ...common, bytes, sendKey, entry }, counted };
}

function entryOf(seq: number, event: Exclude<ImportedEvent, { kind: 'THREAD_OPENED' }>): ChangeEntry {
  const asked = { seq, actorId: event.actorId };
  switch (event.kind) {
    case 'EDITED':
      return askEdit(asked, event.content);
    case 'DELETED':
      return askDelete(asked);
    case 'PINNED':
      return askPin(asked, true);
    case 'REACTION_ADDED':
      return askReaction(asked, event.emoji, true);
  }
}

/** Id of the announcement that is open; null when the thread was there and is announced. */
async function openThread(
  run: Run,
  { organizationId, channelId }: ChannelKey,
  seq: number,
  event: Extract<ImportedEvent, { kind: 'THREAD_OPENED' }>,
  at: number,
  unannounced: ReadonlyMap<string, string>,
): Promise<string | null> {
  const root = { channelId, seq };
  const id = threadIdOf(organizationId, root);
  const { actorId } = event;
  // Its people follow it when all of it is told, with nothing unread.
  const rootAuthorId = null;
  const createdAt = new Date(at);
  const opened = await patiently(run, () =>
    run.stores.channels.openThread({ id, organizationId, root, rootAuthorId, actorId, createdAt }),
  );
  return opened?.outbox?.id ?? unannounced.get(id) ?? null;
}

/** Answers the newest number seen. */
async function appendRound(
  run: Run,
  channel: ChannelKey,
  round: readonly Asked[],
  head: number,
): Promise<number> {
  const { changes, outbox } = run.stores;
  let waiting = round;
  let newest = head;
  for (let tries = 0; waiting.length > 0; tries += 1) {
    const outcomes = await Promise.allSettled(waiting.map(({ send }) => changes.append(channel, send)));
    const failed: Asked[] = [];
    const announced: string[] = [];
    let failure: unknown;
    for (const [i, outcome] of outcomes.entries()) {
      const asked = waiting[i];
      if (asked === undefined) continue;
      if (outcome.status === 'fulfilled') {
        newest = Math.max(newest, outcome.value.row.seq);
        if (!outcome.value.isDuplicate) run.tally.add(asked.counted);
      } else if (isRefused(outcome.reason)) {
        // 51 different emoji, or a message that was deleted here since.
        run.tally.add('refusedChanges');
      } else if (!(outcome.reason instanceof Unchanged)) {
        failed.push(asked);
        failure ??= outcome.reason;
        continue;
      }
      if (asked.outboxId !== undefined) announced.push(asked.outboxId);
    }
    if (announced.length > 0) await patiently(run, () => outbox.done(announced));
    if (failed.length > 0) await waitOut(run, failure, tries);
    waiting = failed;
  }
  return newest;
}

/** The change log has decided against it, for good. */
const isRefused = (error: unknown): boolean =>
  error instanceof ChatError && (error.code === 'BAD_USER_INPUT' || error.code === 'CONFLICT');
