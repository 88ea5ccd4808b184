/**
 * What one channel's appender makes of meeting other replicas there. For a while after a meeting sends are better
 * left to one replica (appointed.ts). Where that cannot be arranged, turns are taken: whoever keeps losing makes way,
 * for longer each time; and whoever keeps winning leaves a gap now and then, since nobody else can win while it hurries from one
 * append to the next: each learns of the new head too late.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Backoff } from './backoff.ts';

/** How long a channel counts as shared after a meeting. When it is over, one more meeting tells. */
const SHARED_MS = 30_000;
/** Appends without a break before a gap, and its length in appends: time to look where the log ends, and to append. */
const APPENDS_BETWEEN_GAPS = 8;
const GAP_IN_APPENDS = 3;
const LONGEST_GAP_MS = 500;

export class Contention {
  readonly #backoff = new Backoff(4, 128);
  /** Appends in a row that did not apply. */
  #losses = 0;
  /** Appends in a row that did, one right after the other. */
  #wins = 0;
  #appendMs = 0;
  #metAt = Number.NEGATIVE_INFINITY;

  /** Others append to this channel too, at the same time. */
  get isShared(): boolean {
    return performance.now() - this.#metAt < SHARED_MS;
  }

  /** @param tookMs the append. */
  won(tookMs: number): void {
    this.#losses = 0;
    this.#backoff.reset();
    this.#wins++;
    this.#appendMs += (tookMs - this.#appendMs) / Math.min(this.#wins, APPENDS_BETWEEN_GAPS);
  }

  lost(): void {
    this.#losses++;
    this.#wins = 0;
  }

  /** Nothing waits any more: that is a gap. */
  rested(): void {
    this.#wins = 0;
  }

  /** Another replica was first. */
  met(): void {
    this.#metAt = performance.now();
  }

  /**
   * The first loss is told by its answer where to go on; only those who lose again make way. True when that took
   * time: what is known of the log is old then.
   */
  async makeWay(): Promise<boolean> {
    if (this.#losses < 2) return false;
    await this.#backoff.wait();
    return true;
  }

  /** Called between appends, where others may be who cannot be heard. */
  async leaveGap(): Promise<void> {
    const ms = this.dueGapMs();
    if (ms > 0) await sleep(ms);
  }

  /** How long a gap is due now: 0 for none. Counts as left. */
  dueGapMs(): number {
    if (this.#wins < APPENDS_BETWEEN_GAPS) return 0;
    this.#wins = 0;
    return Math.min(LONGEST_GAP_MS, GAP_IN_APPENDS * this.#appendMs);
  }
}
