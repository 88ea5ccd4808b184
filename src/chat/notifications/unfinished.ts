/** Channels with messages that people are still to be told of, and what is known of those messages here: bounded. */
import type { ChannelKey } from '../log/port.ts';
import type { Notice, Telling } from './port.ts';
import { knownUpTo, Runs } from './runs.ts';

/** More channels at once are left for their next message, or for the sweeper. */
const MOST_CHANNELS = 10_000;
/** Messages remembered of a channel; beyond it they are read from the log. */
const MOST_NOTICES = 512;
/** A reader waits so long for what is on its way. */
const PATIENCE_MS = 500;

interface Channel {
  readonly key: ChannelKey;
  upTo: number;
  readonly notices: Map<number, Notice>;
  /** Numbers of those that name nobody. */
  readonly silent: Runs;
  /** Told of up to here at least; null while that is not known. */
  position: number | null;
  /** By performance.now(); Infinity while under way. */
  dueAt: number;
  /** Somebody is to be told. */
  isUrgent: boolean;
  failures: number;
  waiters: { readonly seq: number; readonly settle: PromiseWithResolvers<void> }[];
}

const nameOf = ({ organizationId, channelId }: ChannelKey): string => `${organizationId}/${channelId}`;

export class Unfinished {
  readonly #channels = new Map<string, Channel>();

  get size(): number {
    return this.#channels.size;
  }

  /**
   * @param isUrgent false: it names nobody, and tells nobody else.
   * @returns false when there is no room for another channel.
   */
  note(key: ChannelKey, notice: Notice, dueAt: number, isUrgent: boolean): boolean {
    const channel = this.#channels.get(nameOf(key)) ?? this.#open(key);
    if (channel === null) return false;
    if (isUrgent) {
      if (channel.notices.size >= MOST_NOTICES) channel.notices.clear();
      channel.notices.set(notice.seq, notice);
    } else {
      channel.silent.add(notice.seq);
    }
    channel.upTo = Math.max(channel.upTo, notice.seq);
    channel.isUrgent ||= isUrgent;
    // After a failure nothing goes sooner for that.
    if (channel.failures === 0) channel.dueAt = Math.min(channel.dueAt, dueAt);
    return true;
  }

  /** Due now. Settles once the channel is told of up to this number. */
  expect(key: ChannelKey, seq: number): Promise<void> {
    const channel = this.#channels.get(nameOf(key)) ?? this.#open(key);
    if (channel === null) return Promise.reject(new Error('too many channels wait to be told of'));
    channel.upTo = Math.max(channel.upTo, seq);
    channel.isUrgent = true;
    if (channel.failures === 0) channel.dueAt = 0;
    const settle = Promise.withResolvers<void>();
    // Whoever only says that it is behind does not listen.
    settle.promise.catch(() => undefined);
    channel.waiters.push({ seq, settle });
    return settle.promise;
  }

  /** What is due, at most so many: of each as far as it is known, where that is known. */
  take(limit: number, now: number): readonly { readonly telling: Telling }[] {
    const due: { telling: Telling }[] = [];
    for (const channel of this.#channels.values()) {
      if (channel.dueAt > now) continue;
      channel.dueAt = Number.POSITIVE_INFINITY;
      due.push({
        telling: {
          ...channel.key,
          upTo: reachable(channel),
          notices: [...channel.notices.values()],
          silent: channel.silent.list.map((run) => ({ ...run })),
        },
      });
      if (due.length === limit) break;
    }
    return due;
  }

  /** Told of up to here. */
  reached(key: ChannelKey, position: number): void {
    const channel = this.#channels.get(nameOf(key));
    if (channel === undefined) return;
    channel.position = position;
    channel.failures = 0;
    for (const seq of channel.notices.keys()) if (seq <= position) channel.notices.delete(seq);
    channel.silent.dropUpTo(position);
    for (const { settle } of channel.waiters.filter(({ seq }) => seq <= position)) settle.resolve();
    channel.waiters = channel.waiters.filter(({ seq }) => seq > position);
    if (channel.upTo <= position) this.#channels.delete(nameOf(key));
    else channel.dueAt = 0;
  }

  learn(key: ChannelKey, notices: readonly Notice[]): void {
    const channel = this.#channels.get(nameOf(key));
    if (channel === undefined) return;
    for (const notice of notices) channel.notices.set(notice.seq, notice);
    channel.dueAt = 0;
  }

  /** Tried again after a while. */
  later(key: ChannelKey, ms: number, mostMs: number): void {
    const channel = this.#channels.get(nameOf(key));
    if (channel === undefined) return;
    channel.dueAt = performance.now() + Math.min(mostMs, ms * 2 ** channel.failures);
    channel.failures += 1;
  }

  drop(key: ChannelKey, why: unknown): void {
    const channel = this.#channels.get(nameOf(key));
    this.#channels.delete(nameOf(key));
    for (const { settle } of channel?.waiters ?? []) settle.reject(why);
  }

  /** All of it is due. */
  hurry(): void {
    for (const channel of this.#channels.values())
      if (channel.dueAt !== Number.POSITIVE_INFINITY) channel.dueAt = 0;
  }

  /** Null when nothing waits. */
  nextDue(): number | null {
    let next = Number.POSITIVE_INFINITY;
    for (const { dueAt } of this.#channels.values()) next = Math.min(next, dueAt);
    return next === Number.POSITIVE_INFINITY ? null : next;
  }

  /** Not beyond a short time: a reader then sees what has arrived. */
  async settled(organizationId: string, channelIds: readonly string[] | null): Promise<void> {
    const channels =
      channelIds === null
        ? [...this.#channels.values()].filter(({ key }) => key.organizationId === organizationId)
        : channelIds.flatMap((channelId) => this.#channels.get(nameOf({ organizationId, channelId })) ?? []);
    const waiting = channels
      .filter(({ isUrgent, failures }) => isUrgent && failures === 0)
      .map((channel) => {
        const settle = Promise.withResolvers<void>();
        channel.waiters.push({ seq: channel.upTo, settle });
        return settle.promise;
      });
    if (waiting.length === 0) return;
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, PATIENCE_MS);
    await Promise.race([Promise.allSettled(waiting), late]);
    clearTimeout(timer);
  }

  #open(key: ChannelKey): Channel | null {
    if (this.#channels.size >= MOST_CHANNELS) return null;
    const { organizationId, channelId } = key;
    const channel: Channel = {
      key: { organizationId, channelId },
      upTo: 0,
      notices: new Map(),
      silent: new Runs(),
      position: null,
      dueAt: Number.POSITIVE_INFINITY,
      isUrgent: false,
      failures: 0,
      waiters: [],
    };
    this.#channels.set(nameOf(key), channel);
    return channel;
  }
}

/** As far as everything is known from where the channel stands; all there is, while that is not known. */
function reachable({ position, notices, silent, upTo }: Channel): number {
  if (position === null) return upTo;
  const to = knownUpTo(position, upTo, notices, silent.list);
  return to > position ? to : upTo;
}
