/**
 * Tells this replica's own hub and all others what was saved. Called after the acknowledgement, it never throws,
 * waits for nothing and delays nobody: the local hub hears at once, whatever the bus does; for the others a
 * publication that the bus did not confirm is named in the heartbeats until it is.
 */
import type { Clock } from '../chat/clock.ts';
import type { LeaseStore } from '../chat/live/leases.ts';
import type { Publisher, Signal } from '../chat/live/port.ts';
import type { ChangeEntry, MessageEntry } from '../chat/log/entries.ts';
import type { ChannelKey, LogRow } from '../chat/log/port.ts';
import type { Logger } from '../chat/logger.ts';
import type { Told } from '../chat/notifications/port.ts';
import type { Bus } from './bus.ts';
import { Heartbeat, type Suspicion } from './heartbeat.ts';
import { bytesOf, change, type Item, itsPlace, message } from './hub/item.ts';
import { later, type Position } from './hub/position.ts';
import type { Revocation } from './revocation.ts';
import { type Cut, Revocations } from './revocations.ts';
import { SignalTicks } from './signal-ticks.ts';
import { ThreadTicks } from './thread-ticks.ts';
import { type Bounds, defaultBounds, defaultTimings, type Timings } from './timings.ts';
import { channelTopic, userTopic } from './topic-names.ts';
import { Unconfirmed } from './unconfirmed.ts';

export type MembershipChange = Parameters<Publisher['membershipChanged']>[0];

/** What this replica's live part is told, directly. None of it may throw. */
export interface LocalListener {
  messages(channel: ChannelKey, rows: readonly LogRow<MessageEntry>[]): void;
  changes(channel: ChannelKey, rows: readonly LogRow<ChangeEntry>[]): void;
  threadMoved(parent: ChannelKey, rootSeq: number): void;
  typing(channel: ChannelKey, userId: string): void;
  signal(channel: ChannelKey, signal: Signal): void;
  membershipChanged(change: MembershipChange): void;
  notified(told: Told): void;
  /** Something may have been missed: look at the truth. */
  suspect(suspicion: Suspicion): void;
  readonly cut: Cut;
}

export interface LivePublisher extends Publisher {
  /** Something of the channel may be saved and untold: all edges, this replica's too, look where its logs end. */
  uncertain(channel: ChannelKey): void;
  /**
   * A right has ended that a renewal of this replica's lease has found. Cuts before it returns; resolves when nothing of
   * it is on its way to a socket.
   */
  carryOut(revocation: Revocation): Promise<void>;
  /**
   * The live part of this replica, at most one. An edge answers revocations: the promise resolves once it hears
   * them.
   */
  connect(listener: LocalListener, options: { readonly isEdge: boolean }): Promise<void>;
  disconnect(): void;
  /** False while nothing crosses the bus, as far as this replica can tell. */
  hearsOthers(): boolean;
  /** Ids of the replicas heard lately, this one included. */
  heard(): readonly string[];
  /** Replicas known to live, this one included. */
  replicas(): number;
  /** Heartbeats, revocations and answers to them that were dropped because of their shape. */
  rejected(): number;
  /** Says farewell to the other replicas. The bus is closed by whoever made it, afterwards. */
  close(): Promise<void>;
}

export interface PublisherOptions {
  readonly bus: Bus;
  readonly replicaId: string;
  /** Where all edges hold their leases. Absent: no other process has the stores of this one open. */
  readonly leases?: Pick<LeaseStore, 'live'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly timings?: Partial<Timings>;
  readonly bounds?: Partial<Bounds>;
}

const NOWHERE: Position = { seq: 0, rev: 0 };

const nobody: LocalListener = {
  messages: () => undefined,
  changes: () => undefined,
  threadMoved: () => undefined,
  typing: () => undefined,
  signal: () => undefined,
  membershipChanged: () => undefined,
  notified: () => undefined,
  suspect: () => undefined,
  cut: async () => undefined,
};

export function createPublisher(options: PublisherOptions): LivePublisher {
  const { bus, replicaId, clock, logger } = options;
  const timings = { ...defaultTimings, ...options.timings };
  const { namesPerBeat, publicationBytes, threadRoots, signals } = { ...defaultBounds, ...options.bounds };
  const unconfirmed = new Unconfirmed(namesPerBeat);
  const heartbeat = new Heartbeat({ bus, replicaId, unconfirmed, timings, logger });
  const revocations = new Revocations({
    bus,
    replicaId,
    leases: options.leases ?? null,
    clock,
    timings,
    logger,
  });
  let local = nobody;

  const publish = (topic: string, payload: unknown, isLost: () => void): void => {
    bus.publish(topic, payload).catch((error: unknown) => {
      isLost();
      logger.debug({ err: error, topic }, 'A publication was not confirmed; heartbeats will name it.');
    });
  };

  const publishItems = (channel: ChannelKey, log: Item['log'], items: readonly Item[]): void => {
    const bytes = items.reduce((sum, item) => sum + bytesOf(item), 0);
    const payload =
      bytes <= publicationBytes
        ? { from: replicaId, log, rows: items.map(({ row }) => row) }
        : { from: replicaId, log: 'HEADS', ...items.map(itsPlace).reduce(later, NOWHERE) };
    publish(channelTopic(channel), payload, () => unconfirmed.channel(channel));
  };

  /** One that is lost is not named in heartbeats: nothing that is kept is missing. */
  const publishUnkept = (channel: ChannelKey, payload: object): void =>
    publish(channelTopic(channel), { from: replicaId, ...payload }, () => undefined);

  const ticks = new ThreadTicks({
    everyMs: timings.threadMs,
    most: threadRoots,
    tell: (parent, rootSeq) => publishUnkept(parent, { log: 'THREAD', rootSeq }),
  });

  const signalTicks = new SignalTicks({
    everyMs: timings.signalMs,
    ...signals,
    tell(channel, signal) {
      local.signal(channel, signal);
      publishUnkept(channel, { log: 'SIGNAL', signal });
    },
  });

  return {
    messagesAppended(channel, rows) {
      local.messages(channel, rows);
      publishItems(channel, 'MESSAGES', rows.map(message));
    },

    changesAppended(channel, rows) {
      local.changes(channel, rows);
      publishItems(channel, 'CHANGES', rows.map(change));
    },

    threadMoved(parent, rootSeq) {
      local.threadMoved(parent, rootSeq);
      ticks.moved(parent, rootSeq);
    },

    typing(channel, userId) {
      local.typing(channel, userId);
      publishUnkept(channel, { log: 'TYPING', userId });
      return bus.state() === 'UP';
    },

    signal: (channel, signal) => signalTicks.offer(channel, signal) && bus.state() === 'UP',

    uncertain(channel) {
      unconfirmed.channel(channel);
      const { organizationId, channelId } = channel;
      local.suspect({ isAll: false, channels: [[organizationId, channelId]], users: [] });
    },

    membershipChanged(change) {
      local.membershipChanged(change);
      const { channelId, membershipId, isNew } = change;
      const payload = { from: replicaId, channelId, membershipId, isNew };
      publish(userTopic(change), payload, () => unconfirmed.user(change));
    },

    notified(told) {
      local.notified(told);
      const { notification, membershipId, parentId } = told;
      const { channelId, seq, reason, createdAt } = notification;
      const alert = { channelId, seq, reason, at: createdAt.getTime(), membershipId, parentId };
      // One that is lost is not named in heartbeats: the message is unread all the same.
      publish(userTopic(notification), { from: replicaId, alert }, () => undefined);
    },

    revoke: (revocation) => revocations.revoke(revocation),
    carryOut: (revocation) => revocations.found(revocation),

    async connect(listener, { isEdge }) {
      local = listener;
      heartbeat.onSuspicion((suspicion) => listener.suspect(suspicion));
      if (isEdge) await revocations.carryOut(listener.cut);
    },

    disconnect() {
      local = nobody;
      heartbeat.onSuspicion(() => undefined);
    },

    hearsOthers: () => bus.state() === 'UP' && heartbeat.hearsItself(),
    heard: () => heartbeat.heard(),
    replicas: () => heartbeat.size,
    rejected: () => heartbeat.rejected + revocations.rejected,

    async close() {
      ticks.close();
      signalTicks.close();
      revocations.close();
      await heartbeat.close();
    },
  };
}
