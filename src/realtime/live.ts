/** The live part of a replica, put together: hub, subscriptions, and what makes them look at the truth. */
import { decodeEventCursor, type EventCursor } from '../chat/cursors/cursor.ts';
import { badInput, ChatError, unavailable } from '../chat/errors.ts';
import { Gate } from '../chat/gate.ts';
import { type LiveEvents, ResumeRequired } from '../chat/live/port.ts';
import type { Viewer } from '../chat/viewer.ts';
import type { Suspicion } from './heartbeat.ts';
import { Hub } from './hub/hub.ts';
import { Hubs } from './hub/hubs.ts';
import type { Live, LiveOptions, ShutOutListener } from './live-parts.ts';
import type { Cut } from './revocations.ts';
import { Routine } from './routine.ts';
import { SessionRegistry } from './session/registry.ts';
import { oneChannel, type Scope, sidebar } from './session/scope.ts';
import { Session } from './session/session.ts';
import { SocketRooms } from './session/socket-room.ts';
import { defaultBounds, defaultTimings } from './timings.ts';
import { Topics } from './topics.ts';
import { within } from './wait.ts';

/** Subscriptions whose memberships are read anew at the same time. */
const RECONCILED_AT_ONCE = 8;

export function createLive(options: LiveOptions): Live {
  const { bus, publisher, messages, changes, channels, memberships, epochs, replicaId, isEdge, logger } =
    options;
  const timings = { ...defaultTimings, ...options.timings };
  const bounds = { ...defaultBounds, ...options.bounds };
  const logs = { messages, changes };
  const topics = new Topics(bus, timings.lingerMs);
  const hubs = new Hubs(() => new Hub({ topics, logs, replicaId, timings, bounds, logger }));
  const sessions = new SessionRegistry(topics, replicaId);
  const gate = new Gate(RECONCILED_AT_ONCE);
  const rooms = new SocketRooms(bounds);
  const end = new AbortController();
  const stores = { channels, memberships };

  const lookAtAll = (): void => {
    hubs.suspectAll();
    for (const session of sessions.all()) session.reconcile();
  };
  const suspect = (suspicion: Suspicion): void => {
    if (suspicion.isAll) {
      lookAtAll();
      if (!publisher.hearsOthers()) routine.schedule();
      return;
    }
    hubs.suspect(suspicion.channels.map(([organizationId, channelId]) => ({ organizationId, channelId })));
    for (const [organizationId, userId] of suspicion.users) {
      for (const session of sessions.of({ organizationId, userId })) session.reconcile();
    }
  };

  const shutOutListeners = new Set<ShutOutListener>();
  const cut: Cut = async (revocation) => {
    const isCut = sessions.cut(revocation);
    const told = revocation.channelId === null ? [...shutOutListeners].map((tell) => tell(revocation)) : [];
    await Promise.all([isCut, ...told]);
  };

  const isAnnounced = publisher.connect(
    {
      messages: (channel, rows) => hubs.messages(channel, rows),
      changes: (channel, rows) => hubs.changes(channel, rows),
      threadMoved: (parent, rootSeq) => hubs.threadMoved(parent, rootSeq),
      typing: (channel, userId) => hubs.typing(channel, userId),
      signal: (channel, signal) => hubs.signal(channel, signal),
      membershipChanged: (change) => sessions.membershipChanged(change),
      notified: (told) => sessions.notified(told),
      cut,
      suspect,
    },
    { isEdge },
  );

  void isAnnounced.then(() => {
    for (const session of sessions.all()) session.joined();
  });

  const routine = new Routine(timings, () => publisher.hearsOthers(), lookAtAll);
  const listening = [
    ...(options.delivery === undefined
      ? []
      : [
          options.delivery.onOpened(() => {
            for (const session of sessions.all()) session.feed.wake();
          }),
        ]),
    // Not at once: an outage that begins leaves nothing behind yet, but from now on looks come often.
    bus.onInterrupted(() => routine.schedule()),
    bus.onRestored(() => routine.look()),
    // All let go before any begins anew, so that no channel of the hub keeps its place in the old numbering.
    epochs.onRaised((cell) => {
      for (const session of sessions.all()) session.restored(cell);
    }),
  ];

  async function subscribe(
    viewer: Viewer,
    scope: Scope,
    after: readonly EventCursor[],
    request: {
      readonly replayLimit: number;
      readonly connectionId: string;
    },
  ): ReturnType<LiveEvents['events']> {
    if (end.signal.aborted) throw unavailable('edge server');
    if (!isEdge) throw badInput('This server has no subscriptions: ask connectionEndpoint for one that has.');
    const key = { organizationId: viewer.tenant.organizationId, userId: viewer.userId };
    sessions.admit(key);
    let unfollow = (): void => undefined;
    const session: Session = new Session({
      ...request,
      viewer,
      scope,
      hub: hubs.of(viewer.tenant.cell),
      timings,
      bounds,
      logger,
      gate,
      epochs,
      rooms,
      retained: options.retained,
      delivery: options.delivery,
      notifications: options.notifications,
      clock: options.clock,
      onEnd: () => {
        sessions.remove(key, session);
        unfollow();
      },
    });
    // Told at once that the token ends soon, it says so right after Ready.
    unfollow =
      options.connections?.follow(request.connectionId, (expiresAt) => session.tellExpiring(expiresAt)) ??
      unfollow;
    if (session.feed.isEnded) unfollow();
    // Known before memberships are read, so that no revocation slips through.
    const joined = sessions.add(key, session);
    // With the bus down there is nothing to wait for.
    const isUp = bus.state() === 'UP';
    return session.start(
      isUp ? within(timings.joinMs, Promise.all([joined, isAnnounced]), end.signal) : Promise.resolve(false),
      after,
    );
  }

  return {
    async events(viewer, { after, replayLimit, connectionId }) {
      if (after.length > bounds.cursors) throw badInput(`Pass at most ${bounds.cursors} cursors.`);
      const cursors = newestOfEach(after.map(decodeEventCursor));
      const scope = sidebar(stores, viewer);
      return subscribe(viewer, scope, cursors, { replayLimit, connectionId });
    },

    async channelEvents(viewer, { channelId, after, replayLimit, connectionId }) {
      const cursors = after === null ? [] : [decodeEventCursor(after)];
      if (cursors.some((cursor) => cursor.channelId !== channelId)) {
        throw new ChatError('BAD_USER_INPUT', 'This cursor is of another channel.');
      }
      const scope = oneChannel(stores, viewer, channelId);
      return subscribe(viewer, scope, cursors, { replayLimit, connectionId });
    },

    stats: () => ({
      sessions: sessions.size,
      users: sessions.users,
      channels: hubs.size,
      topics: topics.size,
      rejected: hubs.rejected + sessions.rejected + publisher.rejected(),
      replicas: publisher.replicas(),
      ...hubs.counts,
    }),

    resumeAll() {
      for (const session of sessions.all()) session.end(new ResumeRequired('Begin anew.'));
    },

    onShutOut(listener) {
      const own: ShutOutListener = (who) => listener(who);
      shutOutListeners.add(own);
      return () => shutOutListeners.delete(own);
    },

    async close() {
      end.abort();
      routine.close();
      for (const stop of listening) stop();
      publisher.disconnect();
      for (const session of sessions.all()) session.end(new ResumeRequired('The server restarts.'));
      hubs.close();
      topics.close();
    },
  };
}

/** Of two cursors of one channel the later given counts, at its place. */
function newestOfEach(cursors: readonly EventCursor[]): readonly EventCursor[] {
  const byChannel = new Map<string, EventCursor>();
  for (const cursor of cursors) {
    byChannel.delete(cursor.channelId);
    byChannel.set(cursor.channelId, cursor);
  }
  return [...byChannel.values()];
}
