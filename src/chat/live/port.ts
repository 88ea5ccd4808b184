/** Live events as the domain and the resolvers see them; src/realtime implements both interfaces. */
import type { JsonObject } from '../json.ts';
import type { ChangeEntry, MessageEntry } from '../log/entries.ts';
import type { ChannelKey, LogRow } from '../log/port.ts';
import type { Notification, Told } from '../notifications/port.ts';
import type { Viewer } from '../viewer.ts';

/** What events of a place in a channel share. */
export interface Placed {
  readonly channelId: string;
  readonly cursor: string;
  /**
   * Set in a replay: the channel is shown with every change up to this rev, which may lie beyond the cursor's.
   * One ChannelUpdated then stands for all updates up to it, so nothing older may be shown.
   */
  readonly asOf?: number;
}

/** Of a place in a channel where it is kept, of the channel alone where it is not. */
export type PlacedOrNot = Placed | { readonly channelId: string; readonly cursor: null };

/** SEVERAL: in a replay, all that changed folded into one. */
export type MessageChange = 'EDITED' | 'DELETED' | 'PINNED' | 'UNPINNED' | 'THREAD' | 'SEVERAL';

/**
 * What a subscription yields; `type` is the GraphQL type's name. `cursor` is opaque and set for what is kept in a log.
 * Kept events (those with a cursor) are delivered whole or the subscription ends with `ResumeRequired`.
 */
export type LiveEvent =
  | { readonly type: 'Ready'; readonly channelId: null; readonly cursor: null; readonly connectionId: string }
  | {
      readonly type: 'Positions';
      readonly channelId: null;
      readonly cursor: null;
      readonly positions: readonly { readonly channelId: string; readonly cursor: string }[];
    }
  | { readonly type: 'CaughtUp'; readonly channelId: string | null; readonly cursor: string | null }
  | {
      readonly type: 'HistorySkipped';
      readonly channelId: string;
      readonly cursor: string | null;
      readonly after: string;
      readonly before: string;
      readonly count: number;
    }
  | { readonly type: 'PositionReset'; readonly channelId: string; readonly cursor: string }
  | ({ readonly type: 'MessagePosted'; readonly row: LogRow<MessageEntry> } & Placed)
  /** A message that changed; `change` THREAD from a moved reply count is not kept: its cursor is null. */
  | ({
      readonly type: 'MessageUpdated';
      readonly seq: number;
      readonly change: MessageChange;
    } & PlacedOrNot)
  | ({
      readonly type: 'ReactionChanged';
      readonly seq: number;
      readonly emoji: string;
      /** How many have it right after this change. */
      readonly count: number;
      readonly userId: string;
      readonly isAdded: boolean;
    } & Placed)
  | ({ readonly type: 'MemberJoined' | 'MemberLeft'; readonly userId: string } & Placed)
  | ({ readonly type: 'ChannelUpdated' } & Placed)
  | {
      readonly type: 'MembershipUpdated';
      readonly channelId: string;
      readonly cursor: null;
      readonly membershipId: string;
      /** Where the channel's events start, when it is new to this connection. */
      readonly position: string | null;
    }
  | {
      readonly type: 'ChannelDetached';
      readonly channelId: string;
      readonly cursor: null;
      readonly membershipId: string | null;
      readonly reason: DetachReason;
    }
  | {
      readonly type: 'Notified';
      readonly channelId: string;
      readonly cursor: null;
      readonly notification: Notification;
      readonly membershipId: string;
      /** The message is older than the subscription's Ready. */
      readonly isMissed: boolean;
    }
  /** Ephemeral: kept nowhere, the first to go when a subscriber does not keep up. */
  | {
      readonly type: 'TypingStarted';
      readonly channelId: string;
      readonly cursor: null;
      readonly userId: string;
    }
  | {
      readonly type: 'SignalSent';
      readonly channelId: string;
      readonly cursor: null;
      readonly signal: Signal;
    }
  | {
      readonly type: 'SessionExpiring';
      readonly channelId: null;
      readonly cursor: null;
      readonly expiresAt: Date;
    };

/** A small thing that somebody's client told the others in a channel. */
export interface Signal {
  readonly userId: string;
  readonly name: string;
  readonly payload: JsonObject | null;
  /** Of one sender's signals with the same key only the newest counts; null: each counts. */
  readonly key: string | null;
  /** Milliseconds since the epoch. */
  readonly sentAt: number;
}

/**
 * The events of one subscription, taken one by one and only when there is room for them: by `next` (over HTTP), or by
 * a consumer that takes as many as it has room for without a promise for each (over WebSocket).
 */
export interface EventFeed<E> extends AsyncIterableIterator<E, undefined> {
  /** From now on `take` is used, and `next` is not. At most one consumer. */
  consume(consumer: FeedConsumer): void;
  /** The next event; undefined when none is at hand: `readable` tells when there may be one again. */
  take(): E | undefined;
  /**
   * Asked by whoever was given the event by `next`, right before it is written: false when its channel was cut meanwhile.
   * What may be written counts as written, so that whoever cuts the channel then waits for no client that does not read.
   */
  mayWrite(event: E): boolean;
}

/** Told at once, and synchronously; none of it may throw. */
export interface FeedConsumer {
  /** There may be something to take. Never called while `take` is on the stack. */
  readable(): void;
  /** Events of this channel that were taken and are not yet handed to the socket must never be. */
  purge(channelId: string): void;
  /** Nothing more comes. Null: all was given; else why (ResumeRequired, SlowConsumer, ChatError): now. */
  ended(error: Error | null): void;
}

/**
 * Whether this edge may hand out events now: its lease in Postgres is live, so that nobody who removed a member has
 * taken it for gone. Looked at before each flush.
 */
export interface DeliveryGate {
  isOpen(): boolean;
  /** Called each time it opens again. Returns what ends the listening. */
  onOpened(listener: () => void): () => void;
}

/** Of a server that shares its stores with nobody. */
export const alwaysOpen: DeliveryGate = { isOpen: () => true, onOpened: () => () => undefined };

export type DetachReason = 'LEFT' | 'REMOVED' | 'UNAVAILABLE';

/** Ends a subscription whose next event cannot be delivered whole: over WebSocket the socket closes 1013 `resume`. */
export class ResumeRequired extends Error {
  override readonly name = 'ResumeRequired';
}

/**
 * Ends a subscription whose consumer does not keep up: what waits for it is bounded. Over WebSocket the socket
 * closes 1013 `slow consumer`; nothing is lost, the client comes back with its last cursors.
 */
export class SlowConsumer extends Error {
  override readonly name = 'SlowConsumer';
}

export interface LiveEvents {
  /** Everything the viewer should be told of. Throws BAD_USER_INPUT for a cursor that is not the server's own. */
  events(
    viewer: Viewer,
    options: {
      readonly after: readonly string[];
      readonly replayLimit: number;
      readonly connectionId: string;
    },
  ): Promise<EventFeed<LiveEvent>>;
  /** The same for one channel; the caller has checked that the viewer may read it. */
  channelEvents(
    viewer: Viewer,
    options: {
      readonly channelId: string;
      readonly after: string | null;
      readonly replayLimit: number;
      readonly connectionId: string;
    },
  ): Promise<EventFeed<LiveEvent>>;
}

/**
 * Tells all replicas what was saved. Nothing here ever throws or takes longer than its deadline: the log is the
 * truth, and what is not told is found by the hubs' head checks.
 */
export interface Publisher {
  messagesAppended(channel: ChannelKey, rows: readonly LogRow<MessageEntry>[]): void;
  changesAppended(channel: ChannelKey, rows: readonly LogRow<ChangeEntry>[]): void;
  /**
   * Something was said in the thread of this message: the parent's listeners hear of the root's new reply count, at
   * most once a second.
   */
  threadMoved(parent: ChannelKey, rootSeq: number): void;
  /**
   * Somebody types in the channel. Kept nowhere; the caller sees to it that it is not told too often. False when only
   * listeners on this replica can be told, as far as is known.
   */
  typing(channel: ChannelKey, userId: string): boolean;
  /**
   * Kept nowhere. Of one sender's signals with the same key at most one goes out in a tick, the newest. False when the
   * channel has so many already that this one is dropped, or when only listeners on this replica can be told.
   */
  signal(channel: ChannelKey, signal: Signal): boolean;
  /** Somebody is to be alerted of a message: their connections, wherever they are. Lost without harm. */
  notified(told: Told): void;
  /** The user's own membership was made or changed: their other connections and the sidebar follow. */
  membershipChanged(membership: {
    readonly organizationId: string;
    readonly userId: string;
    readonly channelId: string;
    readonly membershipId: string;
    readonly isNew: boolean;
  }): void;
  /**
   * To be called when the end of the membership is committed. Returns when no edge sends the user anything more of the
   * channel: each has confirmed, or its lease has lapsed, which takes 10 s at the most.
   */
  revoke(revocation: {
    readonly organizationId: string;
    readonly userId: string;
    readonly channelId: string;
    /** Null when a first try, whose answer was lost, had ended the membership already. */
    readonly membershipId: string | null;
    readonly membershipRev: number | null;
    readonly reason: 'LEFT' | 'REMOVED';
    /** False when the user may still read the channel (it is public): channelEvents then goes on, `events` does not. */
    readonly mayStillRead: boolean;
  }): Promise<void>;
}
