/** A place in both logs of a channel: everything up to both numbers. */
export interface Position {
  /** Newest message. */
  readonly seq: number;
  /** Newest change. */
  readonly rev: number;
}

/** True when `a` holds everything that `b` does. */
export const reaches = (a: Position, b: Position): boolean => a.seq >= b.seq && a.rev >= b.rev;

/** True when both are one place. */
export const isSame = (a: Position, b: Position): boolean => a.seq === b.seq && a.rev === b.rev;

/** The place that holds what either does. */
export const later = (a: Position, b: Position): Position => ({
  seq: Math.max(a.seq, b.seq),
  rev: Math.max(a.rev, b.rev),
});
