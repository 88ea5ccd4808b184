/**
 * One subscription: which channels it tells of, and what of each. Postgres says which; memberships made meanwhile
 * widen it, revocations cut it at once, and whatever was missed of either is found by asking Postgres again.
 *
 * The race that matters: a revocation while the memberships are being read, at the start or later. The session is
 * known to the edge before it asks Postgres, so every revocation that commits after that answer reaches `cut`, which
 * overrules the answer; one that committed before shows in it.
 */
import type { EventCursor } from '../../chat/cursors/cursor.ts';
import type { Epochs } from '../../chat/epoch/watch.ts';
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
import { Grants } from './grants.ts';
import { Opening } from './opening.ts';
import type { Granted, Scope } from './scope.ts';

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
  readonly epochs: Pick<Epochs, 'of'>;
  readonly onEnd: () => void;
}

export class Session {
  readonly feed: Feed;
  readonly #options: SessionOptions;
  readonly #channels: AttachedChannels;
  readonly #end = new AbortController();
  readonly #retry: Retry;
  readonly #grants: Grants;
  /** Channels to begin anew after a restore; true for one that was being replayed. */
  readonly #anew = new Map<string, boolean>();
  /** Of the numbering that this subscription counts by. */
  #epoch: number;
  #isUnsure = false;
  #isStarted = false;
  #isStale = false;
  #isReconciling = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#retry = new Retry(options.timings);
    this.#grants = new Grants(options.scope);
    const { bounds, hub, viewer } = options;
    this.#epoch = options.epochs.of(viewer.tenant);
    this.feed = new Feed({
      bounds,
      goLive: (replay) => this.#channels.goLive(replay.channelId, replay.position),
      onEnd: () => this.#onEnd(),
    });
    this.#channels = new AttachedChannels({
      hub,
      organizationId: viewer.tenant.organizationId,
      epoch: () => this.#epoch,
      push: (event, bytes) => this.feed.push(event, bytes),
      onDeleted: (channelId, deletion) => this.feed.erase(channelId, deletion),
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
    const threads = this.#grants.cut(channelId);
    this.#detach(channelId, membershipId, reason);
    for (const id of threads) this.#detach(id, null, reason);
    // A revocation that comes late, after the user was added again, is put right by asking Postgres.
    this.reconcile();
    await Promise.all([channelId, ...threads].map((id) => this.feed.settled(id)));
  }

  /** Memberships may have changed unheard: they are asked for again, soon. */
  reconcile(): void {
    this.#isStale = true;
    if (this.#isStarted && !this.#isReconciling) void this.#reconcile();
  }

  /**
   * The cell was restored from a backup: every channel begins anew where its log ends by then, and its listeners are
   * told to forget what they have of it.
   */
  restored(cell: string): void {
    const { tenant } = this.#options.viewer;
    if (tenant.cell !== cell) return;
    // What it is about to begin with is of the old numbering: the client asks again.
    if (!this.#isStarted) {
      this.feed.end();
      return;
    }
    this.#epoch = this.#options.epochs.of(tenant);
    for (const id of this.#channels.ids()) {
      this.#anew.set(id, !this.#channels.isLive(id));
      this.#channels.detach(id);
      this.feed.purge(id);
    }
    this.reconcile();
  }

  end(error: Error): void {
    this.feed.end(error);
  }

  async #begin(): Promise<void> {
    const { scope, connectionId } = this.#options;
    const readable = await this.#read();
    // Looked at again here: what was cut since the answer came must not be attached.
    await this.#attach(this.#grants.uncut(readable));
    const common = { ...this.#options, epoch: this.#epoch };
    const opening = new Opening({ ...common, channels: this.#channels, wake: this.feed.wake });
    await opening.lookForResets();
    // From here to the end nothing is awaited: what was cut until now is detached, what is cut later is told.
    if (this.feed.isEnded) throw unavailable('edge server');
    if (scope.isOneChannel && this.#channels.ids().length === 0) throw notFound('The channel');
    const { first, replays } = opening.begin(connectionId);
    this.#isStarted = true;
    this.feed.begin(first, replays);
    if (this.#isStale) void this.#reconcile();
  }

  #read(): Promise<readonly Granted[]> {
    this.#isStale = false;
    return this.#grants.read();
  }

  async #attach(channels: readonly Granted[]): Promise<void> {
    this.#grants.note(channels);
    await this.#channels.attach(channels.map(({ id }) => id));
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
    const now = await this.#read();
    const ids = new Set(now.map(({ id }) => id));
    for (const id of [...this.#channels.ids(), ...this.#anew.keys()]) {
      if (!ids.has(id)) this.#detach(id, null, 'REMOVED');
    }
    await this.#beginAnew(now.filter(({ id }) => this.#anew.has(id)));
    const fresh = now.filter(({ id }) => !this.#channels.has(id) && !this.#anew.has(id));
    if (fresh.length === 0 || this.#end.signal.aborted || this.#options.scope.isOneChannel) return;
    const memberships = await this.#options.scope.membershipIds(fresh.map(({ id }) => id));
    await this.#attach(this.#grants.uncut(fresh.filter(({ id }) => memberships.has(id))));
    for (const [id, membershipId] of memberships) {
      const place = this.#channels.hub(id);
      // Cut or ended meanwhile.
      if (place === null) continue;
      this.#tellMembership(id, membershipId, this.#channels.cursor(id, place));
      this.#channels.goLive(id, place);
    }
  }

  async #beginAnew(channels: readonly Granted[]): Promise<void> {
    const uncut = this.#grants.uncut(channels);
    if (uncut.length === 0) return;
    await this.#attach(uncut);
    for (const { id: channelId } of uncut) {
      const place = this.#channels.hub(channelId);
      const wasReplayed = this.#anew.get(channelId);
      // Cut or ended meanwhile, or restored once more.
      if (place === null || wasReplayed === undefined) continue;
      this.#anew.delete(channelId);
      const cursor = this.#channels.goLive(channelId, place);
      this.feed.push({ type: 'PositionReset', channelId, cursor }, SMALL);
      if (wasReplayed) this.feed.push({ type: 'CaughtUp', channelId, cursor }, SMALL);
    }
  }

  #detach(channelId: string, membershipId: string | null, reason: DetachReason): void {
    const wasAttached = this.#channels.detach(channelId);
    const wasToBeginAnew = this.#anew.delete(channelId);
    if (!(wasAttached || wasToBeginAnew) || !this.#isStarted) return;
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
