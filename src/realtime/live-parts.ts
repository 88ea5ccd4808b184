/** What the live part of a replica is made of, and what it offers beside subscriptions. */
import type { ChannelStore, MembershipStore } from '../chat/channels/port.ts';
import type { Clock } from '../chat/clock.ts';
import type { ConnectionRegistry } from '../chat/connections/port.ts';
import type { Epochs } from '../chat/epoch/watch.ts';
import type { DeliveryGate, LiveEvents } from '../chat/live/port.ts';
import type { ChangeEntry, MessageEntry } from '../chat/log/entries.ts';
import type { Log } from '../chat/log/log.ts';
import type { Logger } from '../chat/logger.ts';
import type { NotificationStore } from '../chat/notifications/port.ts';
import type { Bus } from './bus.ts';
import type { LivePublisher } from './publisher.ts';
import type { Retained } from './retained.ts';
import type { Bounds, Timings } from './timings.ts';
import type { UserKey } from './topic-names.ts';

export interface LiveStats {
  readonly sessions: number;
  readonly users: number;
  readonly channels: number;
  /** Bus topics joined for users and channels, lingering ones included. */
  readonly topics: number;
  /** Publications dropped because of their shape. */
  readonly rejected: number;
  /** Replicas known to live, this one included. */
  readonly replicas: number;
  /** Gaps in what the bus carried, closed by reading the logs. */
  readonly gapsRepaired: number;
  /** Channels whose ends were read anew, each time counted. */
  readonly headsChecked: number;
}

/** Lets go of a person before it returns; resolves when nothing is theirs any more. Never rejects. */
export type ShutOutListener = (who: UserKey) => Promise<void>;

export interface Live extends LiveEvents {
  stats(): LiveStats;
  /** Ends all subscriptions with ResumeRequired: everybody asks anew. */
  resumeAll(): void;
  /** Told of everybody who is deactivated, when their subscriptions have ended. Returns what ends the listening. */
  onShutOut(listener: ShutOutListener): () => void;
  /** Ends all subscriptions with ResumeRequired; nothing is listened to afterwards. */
  close(): Promise<void>;
}

export interface LiveOptions {
  readonly bus: Bus;
  readonly publisher: LivePublisher;
  readonly messages: Log<MessageEntry>;
  readonly changes: Log<ChangeEntry>;
  readonly channels: Pick<ChannelStore, 'byIds'>;
  readonly memberships: Pick<MembershipStore, 'channelIdsOf' | 'ofUser'>;
  readonly epochs: Epochs;
  /** Tells when a connection's token ends; without it nobody is told. */
  readonly connections?: Pick<ConnectionRegistry, 'follow'>;
  /** Signals kept for those who come later; without it nobody is given any. */
  readonly retained?: Pick<Retained, 'eventsOf'>;
  /** What a client missed; without it nobody is told of any. */
  readonly notifications?: Pick<NotificationStore, 'missed'>;
  /** Whether events may be handed out; without it they always may. */
  readonly delivery?: DeliveryGate;
  readonly replicaId: string;
  /** Only an edge has subscriptions: removals wait for edges alone. */
  readonly isEdge: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly timings?: Partial<Timings>;
  readonly bounds?: Partial<Bounds>;
}
