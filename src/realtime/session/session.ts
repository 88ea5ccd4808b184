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
import type { DetachReason, EventFeed, LiveEvent } from '../../chat/live/port.ts';
import type { ChannelKey } from '../../chat/log/port.ts';
import type { Told } from '../../chat/notifications/port.ts';
import { SMALL } from '../hub/event.ts';
import type { MembershipChange } from '../publisher.ts';
import type { ChannelRevocation } from '../revocation.ts';
import { MOST_MISSED, SessionAlerts } from './alerts.ts';
import type { Sink } from './attached-channel.ts';
import { AttachedChannels } from './attached-channels.ts';
import { Feed } from './feed.ts';
import { Grants } from './grants.ts';
import { Joining } from './joining.ts';
import { Opening } from './opening.ts';
import type { SessionOptions } from './options.ts';
import { Reconciling } from './reconciling.ts';
import { Renewals } from './renewals.ts';
import type { Granted } from './scope.ts';

export class Session {
  readonly feed: Feed;
  readonly #options: SessionOptions;
  readonly #channels: AttachedChannels;
  /** Ends what the beginning waits for; null once it has begun. */
  #beginning: AbortController | null = new AbortController();
  readonly #grants: Grants;
  readonly #renewals: Renewals;
  readonly #reconciling: Reconciling;
  readonly #joining: Joining;
  readonly #alerts = new SessionAlerts();
  /** Of the numbering that this subscription counts by. */
  #epoch: number;
  #isUnsure = false;
  #isStarted = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#grants = new Grants(options.scope);
    const { bounds, hub, viewer } = options;
    this.#epoch = options.epochs.of(viewer.tenant);
    this.feed = new Feed({
      bounds,
      room: options.rooms.of(options.connectionId),
      isOpen: () => options.delivery?.isOpen() ?? true,
      goLive: (replay) => this.#channels.goLive(replay.channelId, replay.position),
      onEnd: () => this.#onEnd(),
    });
    this.#channels = new AttachedChannels({
      hub,
      organizationId: viewer.tenant.organizationId,
      userId: viewer.userId,
      epoch: () => this.#epoch,
      sink: this.feed,
    });
    this.#renewals = new Renewals(this.#channels, this.feed);
    const { gate, timings, logger, retained } = options;
    this.#joining = new Joining({ channels: this.#channels, feed: this.feed, retained });
    this.#reconciling = new Reconciling({ gate, timings, logger, round: () => this.#compare() });
  }

  /**
   * @param joined settles before memberships are read: true when the topics that tell of their changes are joined;
   * false when that was not waited for, and `joined` is called later.
   * @param after at most one for each channel, in the order of replay. Kept no longer than they are needed: there may
   * be thousands.
   */
  async start(joined: Promise<boolean>, after: readonly EventCursor[]): Promise<EventFeed<LiveEvent>> {
    try {
      this.#isUnsure = !(await joined);
      await this.#begin(after);
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

  /** The user is to be alerted of a message. Whether they may still read it is asked when it is rendered. */
  notified(told: Told): void {
    if (!this.#options.scope.tells(told.notification)) return;
    const event = this.#alerts.event(told);
    if (event !== null) this.feed.push(event, SMALL);
  }

  /** Cuts before it returns; resolves when nothing of the channel is on its way to the socket. */
  async cut(revocation: ChannelRevocation): Promise<void> {
    const { scope } = this.#options;
    if (!scope.isCutBy(revocation)) return;
    const { channelId, membershipId, reason } = revocation;
    const threads = this.#grants.cut(channelId);
    this.#detach(channelId, membershipId, reason);
    for (const id of threads) this.#detach(id, null, reason);
    for (const id of this.#alerts.threadsOf(channelId)) this.feed.purge(id);
    // A revocation that comes late, after the user was added again, is put right by asking Postgres.
    this.reconcile();
    await Promise.all([channelId, ...threads].map((id) => this.feed.settled(id)));
  }

  /** The token of the connection ends soon. */
  tellExpiring(expiresAt: Date): void {
    this.feed.push({ type: 'SessionExpiring', channelId: null, cursor: null, expiresAt }, SMALL);
  }

  /** Memberships may have changed unheard: they are asked for again, soon. */
  reconcile(): void {
    this.#reconciling.ask();
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
    this.#renewals.letGo();
    this.reconcile();
  }

  end(error: Error): void {
    this.feed.end(error);
  }

  async #begin(after: readonly EventCursor[]): Promise<void> {
    const { scope, connectionId } = this.#options;
    const readable = await this.#read();
    // Looked at again here: what was cut since the answer came must not be attached.
    await this.#attach(this.#grants.uncut(readable));
    const common = { ...this.#options, after, epoch: this.#epoch };
    const opening = new Opening({ ...common, channels: this.#channels, wake: () => this.feed.wake() });
    // Read once all channels are heard: a signal sent meanwhile waits, and comes after these.
    const [retained, missed] = await Promise.all([
      this.#retained(),
      this.#missed(after),
      opening.lookForResets(),
    ]);
    this.#beginning = null;
    // From here to the end nothing is awaited: what was cut until now is detached, what is cut later is told.
    if (this.feed.isEnded) throw unavailable('edge server');
    if (scope.isOneChannel && this.#channels.ids().length === 0) throw notFound('The channel');
    const { first, replays } = opening.begin(connectionId);
    this.#isStarted = true;
    const signals = retained.filter(({ channelId }) => channelId !== null && this.#channels.has(channelId));
    const alerts = this.#alerts.begin(
      missed.filter(({ notification, parentId }) => this.#channels.has(parentId ?? notification.channelId)),
      this.#options.clock.now(),
    );
    this.feed.begin([...first, ...alerts, ...signals], replays);
    this.#reconciling.start();
  }

  /** Alerts of after the client's places, while these are unread. Lost without harm when Postgres does not say. */
  async #missed(after: readonly EventCursor[]): Promise<readonly Told[]> {
    const { notifications, viewer, scope, logger } = this.#options;
    if (notifications === undefined || after.length === 0) return [];
    try {
      const { organizationId } = viewer.tenant;
      const missed = await notifications.missed(organizationId, viewer.userId, after, MOST_MISSED);
      return missed.filter(({ notification }) => scope.tells(notification));
    } catch (error) {
      logger.warn({ err: error }, 'What a client missed is not known.');
      return [];
    }
  }

  async #retained(): Promise<readonly LiveEvent[]> {
    const { retained, viewer } = this.#options;
    const { organizationId } = viewer.tenant;
    const channels = this.#channels.ids().map((channelId) => ({ organizationId, channelId }));
    if (retained === undefined || this.#beginning === null) return [];
    return retained.eventsOf(channels, this.#beginning.signal);
  }

  #read(): Promise<readonly Granted[]> {
    this.#reconciling.reading();
    return this.#grants.read();
  }

  async #attach(channels: readonly Granted[], sink?: Sink): Promise<void> {
    this.#grants.note(channels);
    await this.#channels.attach(
      channels.map(({ id }) => id),
      sink,
    );
  }

  async #compare(): Promise<void> {
    if (this.feed.isEnded) return;
    const now = await this.#read();
    const ids = new Set(now.map(({ id }) => id));
    for (const id of [...this.#channels.ids(), ...this.#renewals.ids()]) {
      if (!ids.has(id)) this.#detach(id, null, 'REMOVED');
    }
    await this.#beginAnew(now.filter(({ id }) => this.#renewals.has(id)));
    const fresh = now.filter(({ id }) => !this.#channels.has(id) && !this.#renewals.has(id));
    if (fresh.length === 0 || this.feed.isEnded || this.#options.scope.isOneChannel) return;
    const memberships = await this.#options.scope.membershipIds(fresh.map(({ id }) => id));
    const sink = this.#joining.sink();
    await this.#attach(this.#grants.uncut(fresh.filter(({ id }) => memberships.has(id))), sink);
    const { organizationId } = this.#options.viewer.tenant;
    const joined: ChannelKey[] = [];
    for (const [id, membershipId] of memberships) {
      const place = this.#channels.hub(id);
      // Cut or ended meanwhile.
      if (place === null) continue;
      this.#tellMembership(id, membershipId, this.#channels.cursor(id, place));
      this.#channels.goLive(id, place);
      joined.push({ organizationId, channelId: id });
    }
    // Not waited for: others wait for this round to end.
    void this.#joining.give(joined, sink);
  }

  async #beginAnew(channels: readonly Granted[]): Promise<void> {
    const uncut = this.#grants.uncut(channels);
    if (uncut.length === 0) return;
    await this.#attach(uncut);
    this.#renewals.begin(uncut.map(({ id }) => id));
  }

  #detach(channelId: string, membershipId: string | null, reason: DetachReason): void {
    const wasAttached = this.#channels.detach(channelId);
    const wasToBeginAnew = this.#renewals.drop(channelId);
    if (!(wasAttached || wasToBeginAnew)) return;
    // Also of one that has not begun: what is kept nowhere waits from the moment on that the channel is attached.
    this.feed.purge(channelId);
    if (!this.#isStarted) return;
    this.feed.push({ type: 'ChannelDetached', channelId, cursor: null, membershipId, reason }, SMALL);
    if (this.#options.scope.isOneChannel) this.feed.finish();
  }

  #tellMembership(channelId: string, membershipId: string, position: string | null): void {
    this.feed.push({ type: 'MembershipUpdated', channelId, cursor: null, membershipId, position }, SMALL);
  }

  #onEnd(): void {
    this.#beginning?.abort();
    this.#reconciling.stop();
    this.#joining.stop();
    this.#channels.close();
    this.#options.onEnd();
  }
}
