/**
 * The prepared statements of projections. Each write carries a timestamp made of the epoch and the rev it comes from,
 * so that they commute; they are small beside those of an append (microseconds since 1970), which they never name.
 */
const BUCKET = 'organization_id = ? AND channel_id = ? AND bucket = ?';
const MESSAGE = `${BUCKET} AND seq = ? AND send_key = ''`;
const REACTORS = 'organization_id = ? AND channel_id = ? AND seq = ? AND emoji = ?';
const REACTED = 'organization_id = ? AND channel_id = ? AND user_id = ? AND bucket = ?';
const CHANNEL = 'organization_id = ? AND channel_id = ?';

/** Columns of a message that hold what was said; `extra` may, in words that only a newer version knows. */
export const SAID = ['text', 'metadata', 'mentions', 'extra'] as const;

export type ProjectionStatements = ReturnType<typeof projectionStatements>;

export function projectionStatements(keyspace: string) {
  const messages = `${keyspace}.messages`;
  const set = (parts: string) => `UPDATE ${messages} USING TIMESTAMP ? SET ${parts} WHERE ${MESSAGE}`;
  const writtenAt = SAID.map((column) => `writetime(${column}) AS ${column}_at`).join(', ');
  const erase = (column: string) => `DELETE ${column} FROM ${messages} USING TIMESTAMP ? WHERE ${MESSAGE}`;
  return {
    /** bucket ref, list of seq. When each part of what was said was written, in microseconds; deleted_at. */
    said: `SELECT seq, deleted_at, ${writtenAt} FROM ${messages} WHERE ${BUCKET} AND seq IN ? AND send_key = ''`,
    /** timestamp, changed_rev, then the part, then the message ref. */
    changed: set('changed_rev = ?'),
    edited: set('changed_rev = ?, edited = ?'),
    deleted: set('changed_rev = ?, deleted_at = ?, pinned_at = null'),
    pinned: set('changed_rev = ?, pinned_at = ?'),
    threadOpened: set('changed_rev = ?, thread_id = ?'),
    reacted: set('changed_rev = ?, reactions[?] = ?'),
    /** timestamp, message ref. */
    eraseEdited: erase('edited'),
    /** The same, by column. */
    eraseSaid: {
      text: erase('text'),
      metadata: erase('metadata'),
      mentions: erase('mentions'),
      extra: erase('extra'),
    },

    /** bucket ref, list of rev. */
    edits: `SELECT seq, writetime(content) AS content_at FROM ${keyspace}.changes WHERE ${BUCKET} AND seq IN ? AND send_key = ''`,
    /** timestamp, bucket ref, rev. */
    eraseEdit: `DELETE content FROM ${keyspace}.changes USING TIMESTAMP ? WHERE ${MESSAGE}`,
    /** timestamp, rev, bucket ref. */
    noteProjected: `UPDATE ${keyspace}.changes USING TIMESTAMP ? SET projected = ? WHERE ${BUCKET}`,

    /** message and emoji, rev, user, timestamp. */
    addReactor: `INSERT INTO ${keyspace}.reactors (organization_id, channel_id, seq, emoji, rev, user_id)
                 VALUES (?, ?, ?, ?, ?, ?) USING TIMESTAMP ?`,
    /** timestamp, message and emoji, rev. */
    removeReactor: `DELETE FROM ${keyspace}.reactors USING TIMESTAMP ? WHERE ${REACTORS} AND rev = ?`,
    /** message and emoji, lowest rev, limit. */
    reactors: `SELECT user_id FROM ${keyspace}.reactors WHERE ${REACTORS} AND rev >= ? LIMIT ?`,

    /** person and bucket ref, seq, emoji, rev, timestamp. */
    addReacted: `INSERT INTO ${keyspace}.reacted (organization_id, channel_id, user_id, bucket, seq, emoji, rev)
                 VALUES (?, ?, ?, ?, ?, ?, ?) USING TIMESTAMP ?`,
    /** timestamp, person and bucket ref, seq, emoji. */
    removeReacted: `DELETE FROM ${keyspace}.reacted USING TIMESTAMP ? WHERE ${REACTED} AND seq = ? AND emoji = ?`,
    /** person and bucket ref, list of (seq, emoji). */
    reactionRevs: `SELECT seq, emoji, rev FROM ${keyspace}.reacted WHERE ${REACTED} AND (seq, emoji) IN ?`,

    /** channel ref, seq, timestamp. */
    addPin: `INSERT INTO ${keyspace}.pins (organization_id, channel_id, seq) VALUES (?, ?, ?) USING TIMESTAMP ?`,
    /** timestamp, channel ref, seq. */
    removePin: `DELETE FROM ${keyspace}.pins USING TIMESTAMP ? WHERE ${CHANNEL} AND seq = ?`,
    /** channel ref, list of seq. */
    pinsAmong: `SELECT seq FROM ${keyspace}.pins WHERE ${CHANNEL} AND seq IN ?`,
    /** channel ref, after, before, limit. */
    pinsUp: `SELECT seq FROM ${keyspace}.pins WHERE ${CHANNEL} AND seq > ? AND seq < ? ORDER BY seq ASC LIMIT ?`,
    pinsDown: `SELECT seq FROM ${keyspace}.pins WHERE ${CHANNEL} AND seq > ? AND seq < ? ORDER BY seq DESC LIMIT ?`,
  };
}
