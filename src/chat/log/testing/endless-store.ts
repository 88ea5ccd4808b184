/**
 * A store with one channel of many messages, none of them kept: each row is made up when it is asked for, so that
 * reads at a depth of millions can be counted. It takes no append; every bucket before the newest is full.
 */
import { type MessageEntry, messageSendKey } from '../entries.ts';
import {
  type BucketRef,
  bucketOf,
  type ChannelKey,
  type LogRow,
  type LogStore,
  lastOfBucket,
} from '../port.ts';

export interface EndlessStore extends LogStore<MessageEntry> {
  /** Reads by method: each single row and each bucket of a range is one, as Cassandra would run them. */
  calls: Record<string, number>;
  /** Time of a number. */
  at(seq: number): number;
}

/** @param everyMs between two messages. @param endsAt time of the newest. */
export function endlessStore(head: number, everyMs: number, endsAt: number): EndlessStore {
  const bucketSize = 4_096;
  const at = (seq: number): number => endsAt - (head - seq) * everyMs;
  const row = (seq: number): LogRow<MessageEntry> | null =>
    seq < 1 || seq > head
      ? null
      : {
          seq,
          at: at(seq),
          sendKey: messageSendKey('author', `${seq}`),
          entry: {
            authorId: 'author',
            clientMessageId: `${seq}`,
            text: `${seq}`,
            metadata: null,
            mentions: [],
          },
        };
  const state = ({ bucket }: BucketRef) => {
    const last = Math.min(head, lastOfBucket(bucket, bucketSize));
    return bucketOf(last, bucketSize) < bucket ? null : { last, lastAt: at(last) };
  };
  const store: EndlessStore = {
    bucketSize,
    calls: {},
    at,
    append: () => Promise.reject(new Error('this store takes no append')),
    seal: () => Promise.reject(new Error('this store is not sealed')),
    consult: async (ref) => count('consult', { state: state(ref), sends: new Map() }),
    states: async (refs) => count('states', refs.map(state)),
    tailHints: async (channels: readonly ChannelKey[]) =>
      count(
        'tailHints',
        channels.map(() => bucketOf(head + 1, bucketSize)),
      ),
    hintTail: async () => undefined,
    range: async (_, from, to) =>
      count(
        'range',
        Array.from({ length: to - from + 1 }, (_, i) => row(from + i)).filter((found) => found !== null),
        bucketOf(to, bucketSize) - bucketOf(from, bucketSize) + 1,
      ),
    rows: async (refs) =>
      count(
        'rows',
        refs.map(({ seq }) => row(seq)),
        refs.length,
      ),
  };
  const count = <T>(method: string, answer: T, reads = 1): T => {
    store.calls[method] = (store.calls[method] ?? 0) + reads;
    return answer;
  };
  return store;
}
