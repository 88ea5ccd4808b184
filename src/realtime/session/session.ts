/**
 * One subscription: which channels it tells of, and what of each. Postgres says which; memberships made meanwhile
 * widen it, revocations cut it at once, and whatever was missed of either is found by asking Postgres again.
 *
 * The race that matters: a revocation while the memberships are being read, at the start or later. The session is
 * known to the edge before it asks Postgres, so every revocation that commits after that answer reaches `cut`, which
 * overrules the answer; one that committed before shows in it.
 */
import type { EventCursor } from '../../chat/cursors/cursor.ts';
import { ChatError, notFound, unavailable } from '../../chat/errors.ts';
import { type DetachReason, type LiveEvent, ResumeRequired } from '../../chat/live/port.ts';
import type { Logger } from '../../chat/logger.ts';
import type { Viewer } from '../../chat/viewer.ts';
import type { Hub } from '../hub/hub.ts';
import type { Logs } from '../hub/merged-reader.ts';
import type { MembershipChange } from '../publisher.ts';
import type { Revocation } from '../revocations.ts';
import type { Bounds, Timings } from '../timings.ts';
import { Retry } from '../wait.ts';
import { AttachedChannels } from './attached-channels.ts';
import { Feed } from './feed.ts';
import type { Gate } from './gate.ts';
import { Opening } from './opening.ts';
import type { Scope } from './scope.ts';

/** About what an event without a message holds. */
const SMALL = 256;

export interface SessionOptions {
  readonly viewer: Viewer;
  readonly connectionId: string;
  readonly scope: Scope;
  /** At most one for each channel, in the order of replay. */
  readonly after: readonly EventCursor[];
  readonly replayLimit: number;
  readonly hub: Hub;
  readonly logs: Logs;
  readonly timings: Timings;
  readonly bounds: Bounds;
  readonly logger: Logger;
  /** Where rounds of asking Postgres again wait for each other. */
  readonly gate: Gate;
  readonly onEnd: () => void;
}

export class Session {
  readonly feed: Feed;
  readonly #options: SessionOptions;
  readonly #channels: AttachedChannels;
  readonly #end = new AbortController();
  readonly #retry: Retry;
  /** Channels cut since the memberships were last asked for: the answer does not count for them. */
  #cut = new Set<string>();
  #isUnsure = false;
  #isStarted = false;
  #isStale = false;
  #isReconciling = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#retry = new Retry(options.timings);
    const { bounds, hub, viewer } = options;
    this.feed = new Feed({
      bounds,
      goLive: (replay) => this.#channels.goLive(replay.channelId, replay.position),
      onEnd: () => this.#onEnd(),
    });
    this.#channels = new AttachedChannels({
      hub,
      organizationId: viewer.tenant.organizationId,
      epoch: viewer.tenant.epoch,
      push: (event, bytes) => this.feed.push(event, bytes),
      onBroken: (why) => this.feed.end(new ResumeRequired(why)),
    });
  }

  /**
   * @param joined settles before memberships are read: true when the topics that tell of their changes are joined;
   * false when that was not waited for, and `joined` is called later.
   */
  async start(joined: Promise<boolean>): Promise<AsyncIterableIterator<LiveEvent>> {
    try {
      this.#isUnsure = !(await joined);
      await this.#begin();
      return this.feed;
    } catch (error) {
      this.feed.end();
      throw error instanceof ChatError ? error : unavailable('store behind live events', error);
    }
  }

  /** The topics are joined: what was said before on them, while this session had begun without, was missed. */
  joined(): void {
    if (this.#isUnsure) this.reconcile();
  }

  /** The user's own membership was made or changed. */
  membershipChanged(change: MembershipChange): void {
    const { scope } = this.#options;
    if (!scope.tells(change)) return;
    if (change.isNew && !scope.isOneChannel) this.reconcile();
    else this.#tellMembership(change.channelId, change.membershipId, null);
  }

  /** Cuts before it returns; resolves when nothing of the channel is on its way to the socket. */
  async cut(revocation: Revocation): Promise<void> {
    const { scope } = this.#options;
    if (!scope.isCutBy(revocation)) return;
    const { channelId, membershipId, reason } = revocation;
    this.#cut.add(channelId);
    this.#detach(channelId, membershipId, reason);
    // A revocation that comes late, after the user was added again, is put right by asking Postgres.
    this.reconcile();
    await this.feed.settled(channelId);
  }

  /** Memberships may have changed unheard: they are asked for again, soon. */
  reconcile(): void {
    this.#isStale = true;
    if (this.#isStarted && !this.#isReconciling) void this.#reconcile();
  }

  end(error: Error): void {
    this.feed.end(error);
  }

  async #begin(): Promise<void> {
    const { scope, connectionId } = this.#options;
    const readable = await this.#readChannels();
    // Looked at again here: what was cut since the answer came must not be attached.
    await this.#channels.attach(readable.filter((id) => !this.#cut.has(id)));
    const opening = new Opening({ ...this.#options, channels: this.#channels, wake: this.feed.wake });
    await opening.lookForResets();
    // From here to the end nothing is awaited: what was cut until now is detached, what is cut later is told.
    if (this.feed.isEnded) throw unavailable('edge server');
    if (scope.isOneChannel && this.#channels.ids().length === 0) throw notFound('The channel');
    const { first, replays } = opening.begin(connectionId);
    this.#isStarted = true;
    this.feed.begin(first, replays);
    if (this.#isStale) void this.#reconcile();
  }

  async #readChannels(): Promise<readonly string[]> {
    this.#isStale = false;
    this.#cut = new Set();
    const ids = await this.#options.scope.channelIds();
    return ids.filter((id) => !this.#cut.has(id));
  }

  async #reconcile(): Promise<void> {
    this.#isReconciling = true;
    while (this.#isStale && !this.#end.signal.aborted) {
      try {
        await this.#options.gate.run(() => this.#compare());
        this.#retry.reset();
      } catch (error) {
        this.#isStale = true;
        this.#options.logger.warn({ err: error }, 'Memberships cannot be read yet; trying again.');
        await this.#retry.wait(this.#end.signal);
      }
    }
    this.#isReconciling = false;
  }

  async #compare(): Promise<void> {
    if (this.#end.signal.aborted) return;
    const now = new Set(await this.#readChannels());
    for (const id of this.#channels.ids()) if (!now.has(id)) this.#detach(id, null, 'REMOVED');
    const fresh = [...now].filter((id) => !this.#channels.has(id));
    if (fresh.length === 0 || this.#end.signal.aborted || this.#options.scope.isOneChannel) return;
    const memberships = await this.#options.scope.membershipIds(fresh);
    await this.#channels.attach(fresh.filter((id) => memberships.has(id) && !this.#cut.has(id)));
    for (const [id, membershipId] of memberships) {
      const place = this.#channels.hub(id);
      // Cut or ended meanwhile.
      if (place === null) continue;
      this.#tellMembership(id, membershipId, this.#channels.cursor(id, place));
      this.#channels.goLive(id, place);
    }
  }

  #detach(channelId: string, membershipId: string | null, reason: DetachReason): void {
    if (!this.#channels.detach(channelId) || !this.#isStarted) return;
    this.feed.purge(channelId);
    this.feed.push({ type: 'ChannelDetached', channelId, cursor: null, membershipId, reason }, SMALL);
    if (this.#options.scope.isOneChannel) this.feed.finish();
  }

  #tellMembership(channelId: string, membershipId: string, position: string | null): void {
    this.feed.push({ type: 'MembershipUpdated', channelId, cursor: null, membershipId, position }, SMALL);
  }

  #onEnd(): void {
    this.#end.abort();
    this.#channels.close();
    this.#options.onEnd();
  }
}
