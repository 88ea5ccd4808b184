/**
 * Appends to one channel: a queue with one append under way. It believes where the log ends, tries, and lets the
 * store's answer correct it. Whatever it believes wrongly, after whatever crash, the conditions of each append keep
 * the log gap-free; and a send is written only after every full bucket before was searched for an earlier copy.
 */
import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { answerFound } from './answer-found.ts';
import type { AppendContext } from './append-context.ts';
import { Attempts } from './attempts.ts';
import { nextBatch } from './batch.ts';
import { ChannelState } from './channel-state.ts';
import { CopySearch } from './copy-search.ts';
import { isMoving, noAnswer } from './failures.ts';
import type { Appended, Send } from './log.ts';
import { catchUp, openPosition } from './open.ts';
import { type ChannelKey, type LogRow, OutcomeUnknown, StoreAway, StoreUnreachable } from './port.ts';
import type { Position } from './position.ts';

export class ChannelAppender<Entry> {
  readonly #state: ChannelState<Entry>;
  readonly #attempts: Attempts<Entry>;
  readonly #search: CopySearch<Entry>;
  #running: Promise<void> | null = null;
  #wake: PromiseWithResolvers<void> | null = null;
  /** Sends that are waited for: none is woken by fewer. */
  #expected = 0;

  constructor(channel: ChannelKey, context: AppendContext<Entry>) {
    const state = new ChannelState(channel, context, () => {
      if (state.waiting.size >= this.#expected) this.#wake?.resolve();
    });
    this.#state = state;
    this.#attempts = new Attempts(state);
    this.#search = new CopySearch(state, {
      found: (found) => {
        state.found.push(found);
        this.#wake?.resolve();
        // Whoever sent it may have given up meanwhile.
        this.#running ??= this.#run();
      },
      misled: (position) => {
        if (state.position === position) state.disbelieve(position.head);
      },
      done: () => this.#wake?.resolve(),
    });
  }

  /** True when nothing waits and nothing is under way: it may be forgotten. */
  get isIdle(): boolean {
    return this.#running === null;
  }

  /** Settles once nothing is under way. */
  async whenIdle(): Promise<void> {
    await this.#running;
  }

  /** @param staysHere another replica has sent it here. */
  append(send: Send<Entry>, staysHere: boolean): Promise<Appended<Entry>> {
    const answer = this.#state.waiting.add(send, staysHere);
    if (this.#state.waiting.size > 0) this.#running ??= this.#run();
    return answer;
  }

  observe(row: LogRow<Entry>): void {
    this.#state.position?.observe(row.seq, row.at);
  }

  /** The log was restored from a backup: where it ends is found anew before the next append. */
  forgetHead(): void {
    this.#state.forgetHead();
  }

  async #run(): Promise<void> {
    // The sends of one tick go together.
    await Promise.resolve();
    this.#state.outage.reset();
    this.#state.contention.rested();
    const { appointed } = this.#state.context;
    do {
      while (this.#state.waiting.size > 0) {
        await this.#stepOrWait();
        await this.#gather();
        if (this.#state.waiting.size > 0 && appointed?.isDeaf() === true)
          await this.#state.contention.leaveGap();
      }
      await this.#settleFound();
    } while (this.#state.waiting.size > 0);
    this.#running = null;
    this.#state.teller.giveUp();
  }

  /**
   * Whoever was just answered often sends again at once; gone by then, the next batch would leave without them, and
   * two half batches would take turns for ever. The next one waits until as many are there as were before, for some
   * milliseconds at most; a lone sender never waits.
   */
  async #gather(): Promise<void> {
    const { answered, waiting, context } = this.#state;
    this.#state.answered = 0;
    if (answered <= 1) return;
    const expected = Math.min(answered + waiting.size, context.limits.batchRows);
    await turnOfTheLoop();
    if (waiting.size >= expected) return;
    this.#expected = expected;
    let isLate = false;
    const late = setTimeout(() => {
      isLate = true;
      this.#wake?.resolve();
    }, context.limits.gatherMs);
    while (waiting.size < expected && !isLate) await this.#woken();
    clearTimeout(late);
    this.#expected = 0;
  }

  /** Settles when a send joins or leaves, or something was found of one. */
  async #woken(): Promise<void> {
    this.#wake = Promise.withResolvers();
    await this.#wake.promise;
    this.#wake = null;
  }

  async #stepOrWait(): Promise<void> {
    try {
      await this.#step();
    } catch (error) {
      if (error instanceof StoreAway) {
        this.#state.waiting.rejectAll(noAnswer(error));
      } else if (error instanceof StoreUnreachable || error instanceof OutcomeUnknown) {
        await this.#state.outage.wait();
      } else {
        // A mistake of ours: better that these fail than that they wait; where the log ends is found anew.
        this.#state.context.logger.error({ err: error, ...this.#state.channel }, 'appending failed');
        this.#state.position = null;
        this.#state.waiting.rejectAll(error);
      }
    }
  }

  /** Also when nobody waits: what this replica saved without knowing it is still to be told. */
  async #settleFound(): Promise<void> {
    const found = this.#state.found
      .splice(0)
      .filter(({ pending }) => !pending.isSettled || pending.attempts.length > 0);
    if (found.length === 0) return;
    const isRead = await answerFound(this.#state.context, this.#state.channel, found, (rows) =>
      this.#state.teller.tell(rows),
    );
    if (!isRead && found.some(({ pending }) => pending.attempts.length > 0)) this.#state.teller.doubt();
  }

  async #step(): Promise<void> {
    this.#state.position ??= await openPosition(this.#state.context, this.#state.channel);
    const position = this.#state.position;
    if (position === null) {
      this.#state.waiting.rejectAll(isMoving());
      return;
    }
    await this.#refresh(position);
    if (this.#state.found.length > 0) {
      await this.#settleFound();
      return;
    }
    // From the look at what was found to the batch nothing waits: a copy found meanwhile would be written again.
    this.#search.start(position, this.#state.waiting);
    const limits = { ...this.#state.context.limits, batchRows: this.#state.batchSize.rows };
    const now = this.#state.context.clock.now();
    const next = nextBatch(this.#state.channel, position, this.#state.waiting, limits, now);
    if (next !== null) {
      const { deciding } = this.#state.context;
      if (deciding !== null) await this.#attempts.attemptDecided(deciding, position, next);
      else if (!(await this.#attempts.leaveToAnother(position, next)))
        await this.#attempts.attempt(position, next);
      return;
    }
    // All who waited may have given up while the store was asked: then nobody is left to wake it.
    if (this.#state.waiting.size === 0) return;
    await this.#woken();
  }

  /** A client knows of a newer number than this replica: either the replica is behind, or the client is wrong. */
  async #refresh(position: Position): Promise<void> {
    let isBehind = false;
    for (const pending of this.#state.waiting) {
      if (pending.hasRefreshed) continue;
      pending.hasRefreshed = true;
      const { searchBack } = pending.send;
      if (searchBack !== 'ONE_BUCKET' && 'basis' in searchBack) isBehind ||= searchBack.basis > position.head;
    }
    if (isBehind) await catchUp(this.#state.context, this.#state.channel, position, position.bucket);
  }
}
