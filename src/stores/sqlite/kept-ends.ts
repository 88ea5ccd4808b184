/**
 * Where logs end, kept in memory where this process alone has the file: every page, every subscription and every look
 * for what was missed asks it, in four calls of the worker for the two logs of a channel. The worker has one group of
 * calls at a time, whose reads come first: what is asked after a write has ended, even one whose outcome nobody was told,
 * goes with a later group and is true; what was asked before its end is not kept beyond it.
 */
import type { ProjectionStore } from '../../chat/changes/port.ts';
import type { ChangeEntry, MessageEntry } from '../../chat/log/entries.ts';
import {
  type BucketRef,
  type BucketState,
  bucketOf,
  type ChannelKey,
  type LogStore,
} from '../../chat/log/port.ts';
import { ExactMemory } from './exact-memory.ts';

/** Buckets and hints kept of a log; those used longest ago go first. */
const MOST = 10_000;

/** Null: nothing was ever appended, or no hint was written. */
type States = ExactMemory<BucketState | null>;

const nameOf = ({ organizationId, channelId }: ChannelKey): string => `${organizationId}/${channelId}`;
const bucketName = ({ channel, bucket }: BucketRef): string => `${nameOf(channel)}/${bucket}`;

/** The same store. @param states what its buckets say of themselves. */
export function keepingEnds<Entry>(
  store: LogStore<Entry>,
  states: States = new ExactMemory(MOST),
  { isProjected = false } = {},
): LogStore<Entry> {
  const hints = new ExactMemory<number | null>(MOST);
  return {
    ...store,
    append: (batch) =>
      states.write(
        bucketName(batch),
        () => store.append(batch),
        ({ applied }) => {
          const newest = batch.rows.at(-1);
          // How far a log is projected is noted in its buckets too.
          return applied && newest !== undefined && !isProjected
            ? { last: newest.seq, lastAt: newest.at }
            : undefined;
        },
      ),
    seal: (channel, head, to) =>
      states.write(bucketName({ channel, bucket: bucketOf(head + 1, store.bucketSize) }), () =>
        store.seal(channel, head, to),
      ),
    states: async (refs) =>
      (await states.read(refs, bucketName, (missing) => store.states(missing))).map((state) => state ?? null),
    tailHints: async (channels) =>
      (await hints.read(channels, nameOf, (missing) => store.tailHints(missing))).map((hint) => hint ?? null),
    hintTail: (ref) => hints.write(nameOf(ref.channel), () => store.hintTail(ref)),
  };
}

interface Stores {
  readonly messages: LogStore<MessageEntry>;
  readonly changes: LogStore<ChangeEntry>;
  readonly projections: ProjectionStore;
}

/** Both logs of a file, and what notes in the buckets of one how far it is projected. */
export function keepingAllEnds({ messages, changes, projections }: Stores): Stores {
  const states: States = new ExactMemory(MOST);
  return {
    messages: keepingEnds(messages),
    changes: keepingEnds(changes, states, { isProjected: true }),
    projections: {
      ...projections,
      noteProjected: (channel, rev) =>
        states.write(bucketName({ channel, bucket: bucketOf(rev, changes.bucketSize) }), () =>
          projections.noteProjected(channel, rev),
        ),
    },
  };
}
