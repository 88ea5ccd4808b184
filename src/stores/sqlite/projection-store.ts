/** The ProjectionStore port over the worker. */
import type { ProjectionStore } from '../../chat/changes/port.ts';
import { bucketOf, type ChannelKey } from '../../chat/log/port.ts';
import { type MessageChange, messageChanges } from '../projected-entry.ts';
import type { ChangeTuple, ReactionTuple } from './protocol.ts';
import type { WorkerClient } from './worker-client.ts';

const key = ({ organizationId, channelId }: ChannelKey) => [organizationId, channelId] as const;

const tuple = ({ seq: rev, at, entry }: MessageChange): ChangeTuple => [
  rev,
  at,
  entry.kind,
  entry.seq,
  entry.content === undefined ? null : JSON.stringify(entry.content),
  entry.emoji ?? null,
  entry.userId,
  entry.reaction == null ? null : JSON.stringify(entry.reaction),
  entry.threadId ?? null,
];

export function sqliteProjectionStore(client: WorkerClient, bucketSize: number): ProjectionStore {
  const log = 'projections';
  return {
    async project(channel, changes) {
      const args = { channel: key(channel), changes: messageChanges(changes).map(tuple) };
      await client.call({ log, method: 'project', args });
    },
    async eraseEdits(channel, revs) {
      await client.call({ log, method: 'eraseEdits', args: { channel: key(channel), revs } });
    },
    async noteProjected(channel, rev) {
      const args = { ref: [...key(channel), bucketOf(rev, bucketSize)] as const, rev };
      await client.call({ log, method: 'noteProjected', args });
    },
    reactionRevs(refs) {
      const tuples = refs.map(({ channel, seq, emoji, userId }): readonly [...ReactionTuple, string] => [
        ...key(channel),
        seq,
        emoji,
        userId,
      ]);
      return client.call({ log, method: 'reactionRevs', args: { refs: tuples } });
    },
    reactors(refs, first) {
      const tuples = refs.map(({ channel, seq, emoji }): ReactionTuple => [...key(channel), seq, emoji]);
      return client.call({ log, method: 'reactors', args: { refs: tuples, first } });
    },
    async pins(channel, { after, before, limit, backward }) {
      const args = { channel: key(channel), after, before, limit, backward };
      const seqs = await client.call({ log, method: 'pins', args });
      return backward ? seqs.toReversed() : seqs;
    },
  };
}
