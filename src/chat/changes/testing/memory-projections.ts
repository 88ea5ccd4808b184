/**
 * A model of the store of projections, beside the model of the logs and sharing its state. It keeps every change that
 * was projected, by rev, and what a message is now is these changes in order: so no order of arrival can matter.
 */
import type { ChangeEntry, MessageEntry, MessageProjection, ReactionSummary } from '../../log/entries.ts';
import type { ChannelKey, LogRow } from '../../log/port.ts';
import { MemoryStore } from '../../log/testing/memory-store.ts';
import type { ProjectionStore, ReactionRef } from '../port.ts';

type Change = LogRow<ChangeEntry>;

interface Message {
  readonly channel: ChannelKey;
  readonly seq: number;
  readonly changes: Map<number, Change>;
  /** What they come to; null once there are newer ones. */
  now: Now | null;
}

interface Now {
  readonly projection: MessageProjection;
  /** By emoji and person, who has reacted, with the rev at which they did. */
  readonly reacted: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

/** Both logs and what was projected, as one process sees them. */
export interface MemoryLogs {
  readonly messages: MemoryStore<MessageEntry>;
  readonly changes: MemoryStore<ChangeEntry>;
  readonly projections: MemoryProjections;
}

export function memoryLogs(bucketSize: number): MemoryLogs {
  const messages = new MemoryStore<MessageEntry>(bucketSize);
  const changes = new MemoryStore<ChangeEntry>(bucketSize);
  return { messages, changes, projections: new MemoryProjections(messages, changes) };
}

export class MemoryProjections implements ProjectionStore {
  readonly #log: MemoryStore<MessageEntry>;
  readonly #changeLog: MemoryStore<ChangeEntry>;
  readonly #messages = new Map<string, Message>();

  /** From now on the rows of `messages` are given out with what was projected. */
  constructor(messages: MemoryStore<MessageEntry>, changes: MemoryStore<ChangeEntry>) {
    this.#log = messages;
    this.#changeLog = changes;
    messages.shown = (channel, row) => {
      // Whatever an append carries.
      const { projection: _, ...sent } = row.entry;
      const message = this.#messages.get(nameOf(channel, row.seq));
      if (message === undefined) return { ...row, entry: sent };
      return { ...row, entry: { ...sent, projection: nowOf(message).projection } };
    };
  }

  async project(channel: ChannelKey, changes: readonly Change[]) {
    for (const change of changes) {
      const { seq } = change.entry;
      if (seq === undefined || !KINDS.has(change.entry.kind)) continue;
      const message = this.#message(channel, seq);
      message.changes.set(change.seq, change);
      message.now = null;
    }
    for (const { seq: rev, entry } of changes) {
      if (entry.seq === undefined || !this.#eraseDeleted(channel, entry.seq)) continue;
      if (entry.kind === 'EDITED') this.#changeLog.rewrite(channel, rev, withoutContent);
    }
  }

  async eraseEdits(channel: ChannelKey, revs: readonly number[]) {
    for (const rev of revs) this.#changeLog.rewrite(channel, rev, withoutContent);
  }

  async noteProjected(channel: ChannelKey, rev: number) {
    this.#changeLog.noteProjected(channel, rev);
  }

  async reactionRevs(refs: readonly (ReactionRef & { readonly userId: string })[]) {
    return refs.map((ref) => this.#reacted(ref)?.get(ref.userId) ?? null);
  }

  async reactors(refs: readonly ReactionRef[], first: number) {
    return refs.map((ref) =>
      [...(this.#reacted(ref) ?? [])]
        .sort(([, a], [, b]) => a - b)
        .slice(0, first)
        .map(([userId]) => userId),
    );
  }

  async pins(channel: ChannelKey, page: Parameters<ProjectionStore['pins']>[1]) {
    const pinned = [...this.#messages.values()]
      .filter((message) => sameChannel(message.channel, channel))
      .filter((message) => nowOf(message).projection.pinnedAt !== undefined)
      .map(({ seq }) => seq)
      .filter((seq) => seq > page.after && seq < page.before)
      .sort((a, b) => a - b);
    if (page.limit <= 0) return [];
    return page.backward ? pinned.slice(-page.limit) : pinned.slice(0, page.limit);
  }

  /** All that is kept, as it is kept. */
  dump(): unknown {
    return [...this.#messages].map(([key, { changes }]) => [key, [...changes.values()]]);
  }

  /** Forgets everything, as a restore from an empty backup would. */
  clear(): void {
    this.#messages.clear();
  }

  #message(channel: ChannelKey, seq: number): Message {
    const name = nameOf(channel, seq);
    const found = this.#messages.get(name) ?? { channel, seq, changes: new Map(), now: null };
    this.#messages.set(name, found);
    return found;
  }

  #reacted({ channel, seq, emoji }: ReactionRef) {
    const message = this.#messages.get(nameOf(channel, seq));
    return message === undefined ? undefined : nowOf(message).reacted.get(emoji);
  }

  /** False where there is nothing to erase. */
  #eraseDeleted(channel: ChannelKey, seq: number): boolean {
    const message = this.#messages.get(nameOf(channel, seq));
    if (message === undefined || nowOf(message).projection.deletedAt === undefined) return false;
    this.#log.rewrite(channel, seq, ({ authorId, clientMessageId }) => ({
      authorId,
      clientMessageId,
      text: '',
      metadata: null,
      mentions: [],
    }));
    for (const [rev, change] of message.changes) {
      message.changes.set(rev, { ...change, entry: withoutContent(change.entry) });
    }
    return true;
  }
}

const KINDS: ReadonlySet<string> = new Set([
  'EDITED',
  'DELETED',
  'REACTION_ADDED',
  'REACTION_REMOVED',
  'PINNED',
  'UNPINNED',
  'THREAD_OPENED',
] satisfies ChangeEntry['kind'][]);

function nowOf(message: Message): Now {
  message.now ??= fold([...message.changes.values()].sort((a, b) => a.seq - b.seq));
  return message.now;
}

function fold(changes: readonly Change[]): Now {
  let projection: MessageProjection = { changedRev: 0 };
  const summaries = new Map<string, ReactionSummary>();
  const reacted = new Map<string, Map<string, number>>();
  for (const { seq: rev, at, entry } of changes) {
    projection = { ...projection, changedRev: rev };
    if (entry.kind === 'EDITED' && entry.content !== undefined) {
      projection = { ...projection, edited: { ...entry.content, at, rev } };
    }
    if (entry.kind === 'DELETED') projection = { ...projection, deletedAt: at };
    if (entry.kind === 'PINNED') projection = { ...projection, pinnedAt: at };
    if (entry.kind === 'UNPINNED' || entry.kind === 'DELETED') {
      const { pinnedAt: _, ...unpinned } = projection;
      projection = unpinned;
    }
    if (entry.kind === 'THREAD_OPENED' && entry.threadId !== undefined) {
      projection = { ...projection, threadId: entry.threadId };
    }
    if (entry.emoji === undefined || entry.userId === null) continue;
    const people = reacted.get(entry.emoji) ?? new Map<string, number>();
    reacted.set(entry.emoji, people);
    if (entry.kind === 'REACTION_ADDED') people.set(entry.userId, rev);
    else people.delete(entry.userId);
    if (entry.reaction == null) summaries.delete(entry.emoji);
    else summaries.set(entry.emoji, entry.reaction);
  }
  if (projection.deletedAt !== undefined) {
    const { edited: _, ...deleted } = projection;
    projection = deleted;
  }
  if (summaries.size > 0) projection = { ...projection, reactions: Object.fromEntries(summaries) };
  return { projection, reacted };
}

const withoutContent = ({ content: _, ...entry }: ChangeEntry): ChangeEntry => entry;

const nameOf = ({ organizationId, channelId }: ChannelKey, seq: number) =>
  `${organizationId}/${channelId}/${seq}`;

const sameChannel = (a: ChannelKey, b: ChannelKey) =>
  a.organizationId === b.organizationId && a.channelId === b.channelId;
