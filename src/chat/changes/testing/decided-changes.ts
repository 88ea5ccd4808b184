/**
 * Changes of one channel's messages as they stand in its log once decided, and what they come to: what a store of
 * projections is held to, worked out by doing one after the other.
 */
import { randomUUID } from 'node:crypto';
import {
  type ChangeEntry,
  EARLIER_EDITS,
  type MessageContent,
  type MessageProjection,
  REACTORS_KEPT,
  type ReactionSummary,
} from '../../log/entries.ts';
import type { LogRow } from '../../log/port.ts';

interface Expected {
  projection: MessageProjection;
  /** By emoji: who has reacted, by the order in which they did, with the rev at which they did. */
  readonly reacted: Map<string, Map<string, number>>;
  /** Revs of edits, newest first. */
  edits: number[];
}

type About = Omit<Partial<ChangeEntry>, 'kind' | 'seq'>;

export const actor = randomUUID();

/** What an edit says; shorter than any message has to be, but for what a test gives it. */
export const content = (text: string): MessageContent => ({ text, metadata: null, mentions: [] });

export class DecidedChanges {
  /** The change log, rev 1 first. */
  readonly rows: LogRow<ChangeEntry>[] = [];
  readonly #messages = new Map<number, Expected>();
  readonly #head: number;

  /** @param head newest message of the channel. */
  constructor(head: number) {
    this.#head = head;
  }

  /** What the message's row must show; undefined while nothing has changed it. */
  projection(seq: number): MessageProjection | undefined {
    const projection = this.#messages.get(seq)?.projection;
    return projection === undefined || projection.changedRev === 0 ? undefined : projection;
  }

  reacted(seq: number, emoji: string): ReadonlyMap<string, number> {
    return this.#message(seq).reacted.get(emoji) ?? new Map();
  }

  edit(seq: number, says: MessageContent): LogRow<ChangeEntry> {
    const message = this.#message(seq);
    const row = this.#row('EDITED', seq, {
      content: says,
      ...(message.edits.length > 0 && { earlierEdits: message.edits.slice(0, EARLIER_EDITS) }),
    });
    message.edits = [row.seq, ...message.edits];
    message.projection = { ...message.projection, edited: { ...says, at: row.at, rev: row.seq } };
    return row;
  }

  delete(seq: number): LogRow<ChangeEntry> {
    const message = this.#message(seq);
    const row = this.#row('DELETED', seq, { earlierEdits: message.edits.slice(0, EARLIER_EDITS) });
    const { edited: _, pinnedAt: __, ...rest } = message.projection;
    message.projection = { ...rest, deletedAt: row.at };
    return row;
  }

  pin(seq: number): LogRow<ChangeEntry> {
    const row = this.#row('PINNED', seq);
    const message = this.#message(seq);
    message.projection = { ...message.projection, pinnedAt: row.at };
    return row;
  }

  unpin(seq: number): LogRow<ChangeEntry> {
    const row = this.#row('UNPINNED', seq);
    const message = this.#message(seq);
    const { pinnedAt: _, ...rest } = message.projection;
    message.projection = rest;
    return row;
  }

  openThread(seq: number): LogRow<ChangeEntry> {
    const threadId = randomUUID();
    const row = this.#row('THREAD_OPENED', seq, { threadId });
    const message = this.#message(seq);
    message.projection = { ...message.projection, threadId };
    return row;
  }

  react(seq: number, emoji: string, userId: string = randomUUID()): LogRow<ChangeEntry> {
    const people = this.#people(seq, emoji);
    people.set(userId, this.rows.length + 1);
    const reaction = summaryOf(people);
    const row = this.#row('REACTION_ADDED', seq, { userId, emoji, reaction });
    this.#show(seq, emoji, reaction);
    return row;
  }

  unreact(seq: number, emoji: string, userId: string): LogRow<ChangeEntry> {
    const people = this.#people(seq, emoji);
    const addedRev = people.get(userId);
    if (addedRev === undefined) throw new Error('nobody takes back what they did not give');
    people.delete(userId);
    const reaction = summaryOf(people);
    const row = this.#row('REACTION_REMOVED', seq, { userId, emoji, reaction, addedRev });
    this.#show(seq, emoji, reaction);
    return row;
  }

  /** Any change that this version can make or read. */
  other(entry: Omit<ChangeEntry, 'head' | 'actorId' | 'userId'>): LogRow<ChangeEntry> {
    const row = { ...this.#next(), entry: { head: this.#head, actorId: actor, userId: null, ...entry } };
    this.rows.push(row);
    return row;
  }

  #show(seq: number, emoji: string, reaction: ReactionSummary | null): void {
    const message = this.#message(seq);
    const { reactions, ...rest } = message.projection;
    const { [emoji]: _, ...others } = reactions ?? {};
    const now = reaction === null ? others : { ...others, [emoji]: reaction };
    message.projection = Object.keys(now).length === 0 ? rest : { ...rest, reactions: now };
  }

  #people(seq: number, emoji: string): Map<string, number> {
    const { reacted } = this.#message(seq);
    const people = reacted.get(emoji) ?? new Map<string, number>();
    reacted.set(emoji, people);
    return people;
  }

  #message(seq: number): Expected {
    const found = this.#messages.get(seq) ?? {
      projection: { changedRev: 0 },
      reacted: new Map(),
      edits: [],
    };
    this.#messages.set(seq, found);
    return found;
  }

  #next() {
    const seq = this.rows.length + 1;
    return { seq, at: 1_760_000_000_000 + seq, sendKey: `${actor}/${randomUUID()}` };
  }

  #row(kind: ChangeEntry['kind'], seq: number, about: About = {}): LogRow<ChangeEntry> {
    const row = {
      ...this.#next(),
      entry: { kind, head: this.#head, actorId: actor, userId: null, seq, ...about },
    };
    this.rows.push(row);
    const message = this.#message(seq);
    message.projection = { ...message.projection, changedRev: row.seq };
    return row;
  }
}

function summaryOf(people: ReadonlyMap<string, number>): ReactionSummary | null {
  const [since] = people.values();
  if (since === undefined) return null;
  return { count: people.size, since, first: [...people.keys()].slice(0, REACTORS_KEPT) };
}
