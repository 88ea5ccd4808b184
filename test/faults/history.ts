/** What a run of faults leaves behind: everything that was asked, answered, read and heard, for the invariants to judge. */

/** A stretch of the run's clock, in milliseconds. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** One request, as whoever sent it saw it. */
export interface Request extends Span {
  /** What was asked, in a word. */
  readonly what: string;
  /** Of the replica that was asked. */
  readonly url: string;
  /** OK, the codes of its errors, or NETWORK when no answer came. */
  readonly code: string;
}

/** One try of a send. */
export interface Attempt extends Request {
  /** Its clientMessageId: tries with the same one are one send. */
  readonly key: string;
  readonly text: string;
  /** What the answer said; null unless it was OK. */
  readonly answer: Answered | null;
}

export interface Answered {
  readonly seq: number;
  readonly text: string;
  readonly isDuplicate: boolean;
}

/** A message as a page gives it. */
export interface Row {
  readonly seq: number;
  readonly text: string;
  readonly key: string | null;
  readonly createdAt: string;
}

/** Someone who subscribed at the beginning and came back after every close. */
export interface Heard {
  readonly name: string;
  readonly messages: readonly { readonly seq: number; readonly text: string }[];
  /** Events with errors inside, positions that were reset, refusals other than of a store that is away. */
  readonly faults: readonly unknown[];
}

/** A membership as one answer showed it. */
export interface Mark {
  readonly head: number;
  readonly checkpoint: number;
  readonly unreadCount: number;
}

export interface ChannelHistory {
  readonly id: string;
  readonly organization: string;
  readonly attempts: readonly Attempt[];
  /** Its messages in the end, read from one replica page by page forward, from another backward. */
  readonly forward: readonly Row[];
  readonly backward: readonly Row[];
  readonly heard: readonly Heard[];
  /** What each reader saw of their own place, in the order in which they saw it. */
  readonly marks: readonly (readonly Mark[])[];
  /** What each of them saw when all was over and all was marked as read. */
  readonly lastMarks: readonly Mark[];
}

/** A person who was taken out of a channel while it was written to. */
export interface Removal {
  readonly channelId: string;
  /** When removeMember returned. */
  readonly returnedAt: number;
  /** What reached them, over all their connections: when each was begun to be sent. */
  readonly heardBegunAt: readonly number[];
}

/** A client with a cache that it keeps by events alone, and what the server shows in the end. */
export interface Copy {
  readonly channelId: string;
  readonly copied: readonly unknown[];
  readonly shown: readonly unknown[];
  readonly faults: readonly unknown[];
}

/** A person of one organization who asks for a thing of another's. */
export interface Trespass {
  readonly what: string;
  /** Codes of the errors; OK when something was given, NOTHING when it was null without an error. */
  readonly outcome: string;
}

/** What the operator was to be told while something was wrong. */
export interface Health {
  readonly what: string;
  readonly expected: string;
  readonly told: string;
}

export interface History {
  readonly channels: readonly ChannelHistory[];
  /** Requests besides sends: reads, changes, memberships. */
  readonly requests: readonly Request[];
  readonly removals: readonly Removal[];
  readonly copies: readonly Copy[];
  readonly trespasses: readonly Trespass[];
  readonly health: readonly Health[];
  /** When a replica was killed or frozen, or was not there: it owes nothing meanwhile. */
  readonly absences: readonly (Span & { readonly url: string })[];
  /** Whatever ended a part of the run before its time. */
  readonly gaveUp: readonly string[];
}
