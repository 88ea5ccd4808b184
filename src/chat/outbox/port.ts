/** Changes that wait to be announced, as the domain needs them; kept in Postgres (or PGlite) beside what changed. */

/** A change of members or of the channel, with the outbox row that announces it in the channel's change log. */
export interface OutboxRow {
  /** UUIDv7; the send key of the change in the log, so that announcing it twice does no harm. */
  readonly id: string;
  readonly organizationId: string;
  readonly channelId: string;
  readonly kind: 'MEMBER_JOINED' | 'MEMBER_LEFT' | 'CHANNEL_UPDATED' | 'THREAD_OPENED';
  readonly actorId: string;
  readonly userId: string | null;
  /** THREAD_OPENED: the thread, and the number of its root in this row's channel. */
  readonly thread?: { readonly channelId: string; readonly rootSeq: number };
  readonly createdAt: Date;
}

export interface OutboxStore {
  /**
   * Of each channel the first open row, when it is older than `olderThanMs`; oldest first, for the sweeper. Without
   * those of organizations in `awayCells`.
   */
  due(olderThanMs: number, limit: number, awayCells?: readonly string[]): Promise<readonly OutboxRow[]>;
  /**
   * A channel's rows that are not done, in the order of their commits. Rows of one channel become visible in that
   * order too: whoever sees one and not the one before it knows that the one before it is done.
   */
  open(organizationId: string, channelId: string, limit: number): Promise<readonly OutboxRow[]>;
  done(ids: readonly string[]): Promise<void>;
}
