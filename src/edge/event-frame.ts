/** Events on their way to a socket, and whose they are: a socket carries those of many subscriptions. */
/** A subscription, as its socket sees it. */
export interface EventSource {
  /** What ends each of its frames. */
  readonly tail: string;
  /** There is room again, after `hasRoom` said that there was none. */
  roomMade(): void;
}

/** One event for one of them, waiting. */
export interface EventFrame {
  readonly head: string;
  readonly source: EventSource;
  /** Null: no revocation concerns it. */
  readonly channelId: string | null;
}
