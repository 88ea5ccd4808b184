/** Notifications as the domain sees them: a message that told somebody. Kept in Postgres (or PGlite) for 90 days. */
import type { ChannelKey } from '../log/port.ts';
import type { KeysetPage, KeysetSlice } from '../people/port.ts';
import type { Run } from './runs.ts';

export type NotificationReason = 'MENTION' | 'DIRECT_MESSAGE' | 'NOTIFY_ALWAYS' | 'THREAD_REPLY';

export interface Notification {
  /** `notificationId` of user, channel and number. */
  readonly id: string;
  readonly organizationId: string;
  /** Who was told. */
  readonly userId: string;
  /** The channel or thread of the message. */
  readonly channelId: string;
  readonly seq: number;
  readonly reason: NotificationReason;
  /** When the message was sent. */
  readonly createdAt: Date;
}

/** What a message says to whom, as it is now. */
export interface Notice {
  readonly seq: number;
  /** When it was sent, milliseconds since the epoch. */
  readonly at: number;
  readonly authorId: string;
  /** Ids of the people whom it names. */
  readonly mentioned: readonly string[];
  /** Whether it names everybody in the channel, or those of them who are there. */
  readonly group: 'CHANNEL' | 'HERE' | null;
  /** It was deleted: it tells nobody anything any more. */
  readonly isDeleted: boolean;
}

/** A notification, and the person's place in the channel that it came through. */
export interface Told {
  readonly notification: Notification;
  readonly membershipId: string;
  readonly isMuted: boolean;
  /** Of a thread: the channel that it is in. */
  readonly parentId: string | null;
}

/** Messages of one channel that are to be told of, up to a number. */
export interface Telling extends ChannelKey {
  readonly upTo: number;
  /** What is known of them here, in any order; numbers may be missing. */
  readonly notices: readonly Notice[];
  /**
   * Numbers of others that are known to name nobody, ascending: where only those are told whom a message names, there is
   * nothing else to know of them.
   */
  readonly silent?: readonly Run[];
}

/** What became of a `Telling`. */
export interface TellingOutcome {
  /** The channel is told of up to this number now; null when there is no such channel. */
  readonly position: number | null;
  /** Rows that were made by this call. */
  readonly told: readonly Told[];
  /** Messages to a whole channel that were noted by this call. */
  readonly groups: readonly Notice[];
}

/** A message that is about to change, or has just changed. */
export interface Recount extends ChannelKey {
  readonly id: string;
  readonly seq: number;
}

/** Every call has a deadline. */
export interface NotificationStore {
  /**
   * Makes what messages give: rows for people they name, for those in a direct conversation and for followers of a
   * thread; a record for a channel-wide mention. In order and each message once, whoever calls how often: what a channel
   * is told of already is passed over, and where a number is missing nothing is done (`position` says from where). The
   * first time a channel is told of it begins where the first of its members came in, and at most `MOST_BACK` back.
   * Rows go to members who came before the message, never to its author or to people who are deactivated.
   */
  tell(tellings: readonly Telling[]): Promise<readonly TellingOutcome[]>;
  /**
   * Who else is to be alerted of these messages: members who asked to be told of everything, and with `isToAll`
   * everybody; without the author, who has muted, came later, or is named (`mentioned`), which has a row.
   */
  audience(
    messages: readonly (ChannelKey & { readonly notice: Notice; readonly isToAll: boolean })[],
  ): Promise<readonly Told[]>;

  /** Notes that a message is about to change. Returns the id to give to `recounted`. */
  planRecount(message: ChannelKey & { readonly seq: number }): Promise<string>;
  /**
   * What the message gives is from now on what it says now (null: it is not there). Tells nobody. False, and nothing
   * done, while the channel is not told of up to it.
   */
  retell(message: ChannelKey & { readonly seq: number }, now: Notice | null): Promise<boolean>;
  recounted(ids: readonly string[]): Promise<void>;
  /** Planned before that long ago and still open, oldest first; without those of organizations in `awayCells`. */
  openRecounts(
    olderThanMs: number,
    limit: number,
    awayCells?: readonly string[],
  ): Promise<readonly Recount[]>;

  /** Unread messages that name each user in the channel beside them, in the order asked; 0 where they are no member. */
  mentionCounts(
    organizationId: string,
    places: readonly { readonly userId: string; readonly channelId: string }[],
  ): Promise<readonly number[]>;
  /** The same over the user's sidebar, without what is muted. */
  mentionTotal(organizationId: string, userId: string): Promise<number>;
  /** Newest first, of channels that the user is in and has not muted. */
  page(organizationId: string, userId: string, page: KeysetPage): Promise<KeysetSlice<Notification>>;
  /** Those of the messages that notified the user, where they are a member; muted or not. */
  ofMessages(
    organizationId: string,
    userId: string,
    messages: readonly { readonly channelId: string; readonly seq: number }[],
  ): Promise<readonly Notification[]>;
  /**
   * The newest unread ones after these places, of channels that are not muted, oldest first; of a channel's threads all
   * that are unread, as far as they are among the few hundred newest rows of the user. Without those to whoever was
   * there (`@here`).
   */
  missed(
    organizationId: string,
    userId: string,
    after: readonly { readonly channelId: string; readonly seq: number }[],
    limit: number,
  ): Promise<readonly Told[]>;

  /**
   * Channels last written to between these times ago, newest first, and how far each is told of (null: not at all);
   * without those of organizations in `awayCells`.
   */
  quiet(
    window: { readonly fromMs: number; readonly toMs: number },
    limit: number,
    awayCells?: readonly string[],
  ): Promise<readonly Reached[]>;
  /** All channels in the order of (organization, id), after this one; without those of organizations in `awayCells`. */
  walk(after: ChannelKey | null, limit: number, awayCells?: readonly string[]): Promise<readonly Reached[]>;
  /** Forgets what is older; at most about `limit`. Returns how many. */
  prune(olderThanMs: number, limit: number): Promise<number>;
}

export interface Reached extends ChannelKey {
  readonly seq: number | null;
}

/** Messages looked at when a channel was not told of for long: older ones are passed over. */
export const MOST_BACK = 4_096;

/** Names what a user was told by a message: their own, nobody else's. */
export const notificationId = (userId: string, channelId: string, seq: number): string =>
  `${userId.replaceAll('-', '')}:${channelId.replaceAll('-', '')}:${seq}`;
