/** What holds of a cell where nobody asks for another. */

/** Name of a cell. */
export const DEFAULT_NAME = 'default';

/** With each request; well over Cassandra's own time-outs (2 s), so that its answer is usually the one that comes. */
export const DEFAULT_DEADLINE_MS = 5_000;

/** With a Cassandra that is not up when the program starts. */
export const DEFAULT_WAIT_MS = 60_000;

/** Numbers in a bucket. */
export const DEFAULT_BUCKET_SIZE = 4_096;
