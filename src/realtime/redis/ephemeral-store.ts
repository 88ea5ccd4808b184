/**
 * The ephemeral store in Redis. A replica's presence is one hash that lapses as a whole, so that standing by it is one
 * small write however many people are connected, and whatever a dead replica had goes without anybody's doing.
 */
import type { ChainableCommander } from 'ioredis';
import type { Clock } from '../../chat/clock.ts';
import { settlesWithin } from '../../chat/closing.ts';
import type { Signal } from '../../chat/live/port.ts';
import type { Logger } from '../../chat/logger.ts';
import {
  type EphemeralStore,
  type PresenceEntry,
  type RetainBounds,
  retainBounds,
  slotOf,
} from '../ephemeral-store.ts';
import { signalShape } from '../publication.ts';
import { channelName } from '../topic-names.ts';
import { connectPublisher } from './connection.ts';
import { decodeEntry, encodeEntry } from './presence-entry.ts';
import { retainScript } from './retain-script.ts';
import { soon } from './soon.ts';

const CALL_MS = 750;
const CLOSE_MS = 500;
/** In one command: a larger one would keep Redis from others for long. */
const FIELDS_AT_ONCE = 1_000;
/** Replicas that were not heard of for this long are no longer asked about, whatever their clocks. */
const GONE_MS = 3_600_000;
/** Written with all of a replica's entries: without it some are missing. */
const WHOLE = '#';

export interface RedisStoreOptions {
  readonly url: string;
  /** Before each key: names the installation. */
  readonly prefix: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly bounds?: RetainBounds;
}

export function createRedisStore(options: RedisStoreOptions): EphemeralStore {
  const { url, prefix, clock, logger, bounds = retainBounds } = options;
  const redis = connectPublisher(url);
  redis.on('error', (error) => logger.debug({ err: error }, 'Redis: connection error.'));
  const replicas = `${prefix}presence`;
  const entriesOf = (replicaId: string): string => `${prefix}presence:${replicaId}`;
  const signalsOf = (name: string): string => `${prefix}signals:${name}`;

  /** The replies, all of them. Throws the first refusal, and when there is no answer in time. */
  async function ask(commands: ChainableCommander): Promise<readonly unknown[]> {
    const replies = await soon(CALL_MS, commands.exec());
    return (replies ?? []).map(([error, reply]) => {
      if (error !== null) throw error;
      return reply;
    });
  }

  /** The replica is one of those that are asked about. */
  const note = (commands: ChainableCommander, replicaId: string, lapseMs: number): ChainableCommander =>
    commands.pexpire(entriesOf(replicaId), lapseMs).zadd(replicas, clock.now(), replicaId);

  return {
    async putPresence(replicaId, entries, lapseMs) {
      const commands = redis.multi();
      putAll(commands, entriesOf(replicaId), [...entries]);
      const gone = [...entries].filter(([, entry]) => entry === null).map(([name]) => name);
      for (const some of inChunks(gone)) commands.hdel(entriesOf(replicaId), ...some);
      await ask(note(commands, replicaId, lapseMs));
    },

    async replacePresence(replicaId, entries, lapseMs) {
      const key = entriesOf(replicaId);
      const commands = redis.multi().del(key);
      putAll(commands, key, [...entries]);
      await ask(note(commands.hset(key, WHOLE, '1'), replicaId, lapseMs));
    },

    async keepPresence(replicaId, lapseMs) {
      const commands = redis.multi().hexists(entriesOf(replicaId), WHOLE);
      note(commands, replicaId, lapseMs).zremrangebyscore(replicas, '-inf', clock.now() - GONE_MS);
      const [isWhole] = await ask(commands);
      return isWhole === 1;
    },

    async presence(names) {
      const known = await soon(CALL_MS, redis.zrange(replicas, '0', '-1'));
      const commands = redis.pipeline();
      const chunks = inChunks(names);
      for (const replicaId of known) for (const some of chunks) commands.hmget(entriesOf(replicaId), ...some);
      const replies = known.length === 0 ? [] : await ask(commands);
      const found = names.map((): PresenceEntry[] => []);
      for (const [at, reply] of replies.entries()) {
        const offset = (at % chunks.length) * FIELDS_AT_ONCE;
        if (!Array.isArray(reply)) continue;
        for (const [i, text] of reply.entries()) {
          const entry = decodeEntry(text);
          if (entry !== null) found[offset + i]?.push(entry);
        }
      }
      return found;
    },

    async retain(channel, signal) {
      const key = signalsOf(channelName(channel));
      const { signals, bytes, lifeMs } = bounds;
      const oldest = clock.now() - lifeMs;
      const args = [slotOf(signal), JSON.stringify(signal), signal.sentAt, oldest, lifeMs, signals, bytes];
      await soon(CALL_MS, redis.eval(retainScript, 2, key, `${key}:order`, ...args));
    },

    async retained(channels) {
      const commands = redis.pipeline();
      for (const channel of channels) commands.hgetall(signalsOf(channelName(channel)));
      const replies = await ask(commands);
      const oldest = clock.now() - bounds.lifeMs;
      return replies.map((reply) =>
        signalsIn(reply)
          .filter(({ sentAt }) => sentAt > oldest)
          .sort((a, b) => a.sentAt - b.sentAt),
      );
    },

    async close() {
      if (redis.status === 'ready') await settlesWithin(CLOSE_MS, redis.quit());
      redis.disconnect();
    },
  };
}

function putAll(
  commands: ChainableCommander,
  key: string,
  entries: readonly (readonly [string, PresenceEntry | null])[],
): void {
  for (const some of inChunks(entries)) {
    const fields = some.flatMap(([name, entry]) => (entry === null ? [] : [name, encodeEntry(entry)]));
    if (fields.length > 0) commands.hset(key, ...fields);
  }
}

function inChunks<T>(all: readonly T[]): T[][] {
  const chunks: T[][] = [];
  for (let i = 0; i < all.length; i += FIELDS_AT_ONCE) chunks.push(all.slice(i, i + FIELDS_AT_ONCE));
  return chunks;
}

/** Whatever another version wrote there and this one does not know is passed over. */
function signalsIn(reply: unknown): Signal[] {
  if (typeof reply !== 'object' || reply === null) return [];
  return Object.entries(reply).flatMap(([slot, text]) => {
    if (slot === WHOLE) return [];
    const parsed = signalShape.safeParse(jsonIn(text));
    return parsed.success ? [parsed.data] : [];
  });
}

function jsonIn(text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    // Not ours: the shape says so.
    return null;
  }
}
