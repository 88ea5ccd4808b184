/**
 * Appends to one channel: a queue with one append under way. It believes where the log ends, tries, and lets the
 * store's answer correct it. Whatever it believes wrongly, after whatever crash, the conditions of each append keep
 * the log gap-free; and a send is written only after every full bucket before was searched for an earlier copy.
 */
import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { answerFound } from './answer-found.ts';
import type { AppendContext } from './append-context.ts';
import { Backoff } from './backoff.ts';
import { type NextBatch, nextBatch } from './batch.ts';
import { CopySearch, type Found } from './copy-search.ts';
import { decideBatch, rejectUndone } from './decide-batch.ts';
import type { Deciding } from './deciding.ts';
import { isMoving } from './failures.ts';
import type { Appended, Send } from './log.ts';
import { catchUp, openPosition } from './open.ts';
import type { PendingSend } from './pending-send.ts';
import {
  type AppendOutcome,
  type BucketAnswer,
  type ChannelKey,
  type LogRow,
  OutcomeUnknown,
  StoreUnreachable,
} from './port.ts';
import type { Position } from './position.ts';
import { Teller } from './teller.ts';
import { WaitingSends } from './waiting-sends.ts';

export class ChannelAppender<Entry> {
  readonly #channel: ChannelKey;
  readonly #context: AppendContext<Entry>;
  readonly #waiting: WaitingSends<Entry>;
  readonly #teller: Teller<Entry>;
  /** Sends that are saved, whose rows are still to be read. */
  #found: Found<Entry>[] = [];
  /** Null until the channel is opened, and whenever what was believed proved wrong. */
  #position: Position | null = null;
  #running: Promise<void> | null = null;
  #wake: PromiseWithResolvers<void> | null = null;
  /** Rows in a batch: fewer after a refusal, so that an entry which the store cannot take ends up alone. */
  #batchRows: number;
  /** The last batch answered several senders. */
  #hasAnsweredMany = false;
  /** Appends in a row that did not apply. */
  #collisions = 0;
  readonly #outage = new Backoff(20, 500);
  readonly #contention = new Backoff(4, 128);
  readonly #search: CopySearch<Entry>;

  constructor(channel: ChannelKey, context: AppendContext<Entry>) {
    this.#channel = channel;
    this.#context = context;
    this.#batchRows = context.limits.batchRows;
    this.#waiting = new WaitingSends(context, () => this.#wake?.resolve());
    this.#teller = new Teller(channel, context);
    this.#search = new CopySearch(channel, context, this.#outage, {
      found: (found) => {
        this.#found.push(found);
        this.#wake?.resolve();
        // Whoever sent it may have given up meanwhile.
        this.#running ??= this.#run();
      },
      misled: (position) => {
        if (this.#position === position) this.#disbelieve(position.head);
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

  append(send: Send<Entry>): Promise<Appended<Entry>> {
    const answer = this.#waiting.add(send);
    if (this.#waiting.size > 0) this.#running ??= this.#run();
    return answer;
  }

  observe(row: LogRow<Entry>): void {
    this.#position?.observe(row.seq, row.at);
  }

  /** The log was restored from a backup: where it ends is found anew before the next append. */
  forgetHead(): void {
    this.#position = null;
    this.#teller.beginAnew();
  }

  async #run(): Promise<void> {
    // The sends of one tick go together.
    await Promise.resolve();
    this.#outage.reset();
    do {
      while (this.#waiting.size > 0) {
        await this.#stepOrWait();
        await this.#gather();
      }
      await this.#settleFound();
    } while (this.#waiting.size > 0);
    this.#running = null;
    this.#teller.giveUp();
  }

  /**
   * Whoever was just answered often sends again at once; gone by then, the next batch would leave without them, and
   * two half batches would take turns for ever. One turn of the event loop lets them in; a lone sender never waits.
   */
  async #gather(): Promise<void> {
    if (!this.#hasAnsweredMany) return;
    this.#hasAnsweredMany = false;
    await turnOfTheLoop();
  }

  async #stepOrWait(): Promise<void> {
    try {
      await this.#step();
    } catch (error) {
      if (error instanceof StoreUnreachable || error instanceof OutcomeUnknown) {
        await this.#outage.wait();
      } else {
        // A mistake of ours: better that these fail than that they wait; where the log ends is found anew.
        this.#context.logger.error({ err: error, ...this.#channel }, 'appending failed');
        this.#position = null;
        this.#waiting.rejectAll(error);
      }
    }
  }

  /** Also when nobody waits: what this replica saved without knowing it is still to be told. */
  async #settleFound(): Promise<void> {
    const found = this.#found
      .splice(0)
      .filter(({ pending }) => !pending.isSettled || pending.attempts.length > 0);
    if (found.length === 0) return;
    const isRead = await answerFound(this.#context, this.#channel, found, (rows) => this.#teller.tell(rows));
    if (!isRead && found.some(({ pending }) => pending.attempts.length > 0)) this.#teller.doubt();
  }

  async #step(): Promise<void> {
    this.#position ??= await openPosition(this.#context, this.#channel);
    const position = this.#position;
    if (position === null) {
      this.#waiting.rejectAll(isMoving());
      return;
    }
    await this.#refresh(position);
    if (this.#found.length > 0) {
      await this.#settleFound();
      return;
    }
    // From the look at what was found to the batch nothing waits: a copy found meanwhile would be written again.
    this.#search.start(position, this.#waiting);
    const limits = { ...this.#context.limits, batchRows: this.#batchRows };
    const now = this.#context.clock.now();
    const next = nextBatch(this.#channel, position, this.#waiting, limits, now);
    if (next !== null) {
      const { deciding } = this.#context;
      if (deciding === null) await this.#attempt(position, next);
      else await this.#attemptDecided(deciding, position, next);
      return;
    }
    // All who waited may have given up while the store was asked: then nobody is left to wake it.
    if (this.#waiting.size === 0) return;
    this.#wake = Promise.withResolvers();
    await this.#wake.promise;
    this.#wake = null;
  }

  /** A client knows of a newer number than this replica: either the replica is behind, or the client is wrong. */
  async #refresh(position: Position): Promise<void> {
    let isBehind = false;
    for (const pending of this.#waiting) {
      if (pending.hasRefreshed) continue;
      pending.hasRefreshed = true;
      const { searchBack } = pending.send;
      if (searchBack !== 'ONE_BUCKET' && 'basis' in searchBack) isBehind ||= searchBack.basis > position.head;
    }
    if (isBehind) await catchUp(this.#context, this.#channel, position, position.bucket);
  }

  /** The batch as decided on the state at the head. When something comes in between, nothing is done: decide anew. */
  async #attemptDecided(
    deciding: Deciding<Entry>,
    position: Position,
    next: NextBatch<Entry>,
  ): Promise<void> {
    const { head } = position;
    await deciding.settle(this.#channel, head);
    const decided = await decideBatch(deciding, head, next);
    // What was found meanwhile must not be written again; a head that moved has another state.
    if (this.#position !== position || position.head !== head || this.#found.length > 0) return;
    if (decided.batch.rows.length > 0) {
      await this.#attempt(position, decided);
      return;
    }
    const answer = await this.#context.store.consult(decided.batch, []);
    if ((answer.state?.last ?? null) === decided.batch.expectedLast) rejectUndone(decided);
    else {
      this.#collisions++;
      await this.#learn(position, decided, answer);
    }
  }

  async #attempt(position: Position, next: NextBatch<Entry>): Promise<void> {
    let outcome: AppendOutcome;
    try {
      outcome = await this.#context.store.append(next.batch);
    } catch (error) {
      if (!(error instanceof OutcomeUnknown)) this.#isolate(next.sends);
      if (error instanceof StoreUnreachable) throw error;
      await this.#resolveUnknown(position, next, error);
      return;
    }
    this.#outage.reset();
    this.#batchRows = Math.min(this.#context.limits.batchRows, this.#batchRows * 2);
    if (outcome.applied) {
      await this.#applied(position, next);
    } else {
      this.#collisions++;
      await this.#learn(position, next, outcome);
    }
  }

  async #applied(position: Position, next: NextBatch<Entry>): Promise<void> {
    const {
      batch: { bucket, rows },
      sends,
    } = next;
    this.#collisions = 0;
    this.#contention.reset();
    const last = rows.at(-1);
    if (last !== undefined) position.moveTo(last.seq, last.at);
    if (!(await this.#putIntoEffect(next))) return;
    // What was decided against was decided on the state that the append has proved, with this batch in effect.
    rejectUndone(next);
    this.#teller.tell(rows);
    // Whatever was doubted lies before these rows, and readers see the gap, or can no longer be saved.
    this.#teller.trust();
    sends.forEach((pending, i) => {
      const row = rows[i];
      if (row !== undefined) pending.resolve({ row, isDuplicate: false });
    });
    this.#hasAnsweredMany = sends.length > 1;
    // The bucket is full: whoever looks for the end begins at the next one.
    if (position.bucket > bucket) this.#context.hintTail(this.#channel, position.bucket);
  }

  /** False when nobody waits for it any more: whoever reads or appends next does it then. */
  async #putIntoEffect({ batch: { rows }, sends }: NextBatch<Entry>): Promise<boolean> {
    const { deciding } = this.#context;
    if (deciding === null) return true;
    for (;;) {
      try {
        await deciding.apply(this.#channel, rows);
        return true;
      } catch (error) {
        if (!(error instanceof StoreUnreachable || error instanceof OutcomeUnknown)) throw error;
        this.#teller.doubt();
        if (sends.every((pending) => pending.isSettled)) return false;
        await this.#outage.wait();
      }
    }
  }

  /**
   * It may be saved, and what is not saved yet may still be: never a failure. The question only shortens the wait;
   * that nothing is saved twice rests on the conditions, which the next try carries again.
   */
  async #resolveUnknown(position: Position, next: NextBatch<Entry>, error: unknown): Promise<void> {
    const { batch, sends } = next;
    sends.forEach((pending, i) => {
      const row = batch.rows[i];
      if (row !== undefined) pending.attempts.push({ seq: row.seq, at: row.at });
    });
    this.#teller.doubt();
    await this.#outage.wait();
    const answer = await this.#consult(next);
    if (answer === null) {
      this.#position = null;
      this.#teller.giveUp();
      return;
    }
    // Those that are saved are read and told of; of the others one may still be on its way.
    if (sends.every(({ send }) => answer.sends.has(send.sendKey))) this.#teller.trust();
    if (!(error instanceof OutcomeUnknown)) {
      this.#context.logger.error({ err: error, ...this.#channel }, 'the message store failed in its own way');
      const [alone] = sends;
      if (sends.length === 1 && alone !== undefined && answer.sends.size === 0) alone.reject(error);
    }
    await this.#learn(position, next, answer);
  }

  /** Asks until there is an answer, or nobody waits for it any more. */
  async #consult({ batch, sends }: NextBatch<Entry>): Promise<BucketAnswer | null> {
    const keys = batch.rows.map((row) => row.sendKey);
    while (sends.some((pending) => !pending.isSettled)) {
      try {
        return await this.#context.store.consult(batch, keys);
      } catch (error) {
        if (!(error instanceof StoreUnreachable || error instanceof OutcomeUnknown)) throw error;
        await this.#outage.wait();
      }
    }
    return null;
  }

  /** Takes over what the store says of the bucket, and of the sends that it already has. */
  async #learn(
    position: Position,
    { batch, sends }: NextBatch<Entry>,
    { state, sends: saved }: BucketAnswer,
  ): Promise<void> {
    for (const pending of sends) {
      const seq = saved.get(pending.send.sendKey);
      if (seq !== undefined) this.#found.push({ pending, seq });
    }
    if (state?.last === -1) {
      this.#position = null;
      this.#waiting.rejectAll(isMoving());
      return;
    }
    if (state === null ? batch.expectedLast !== null : state.last < (batch.expectedLast ?? 0)) {
      this.#disbelieve(batch.expectedLast);
    } else if (state !== null && state.last > position.head) {
      position.moveTo(state.last, state.lastAt);
      // Others may be many buckets ahead.
      if (position.bucket > batch.bucket)
        await catchUp(this.#context, this.#channel, position, position.bucket);
    }
    // The first collision is told by the answer where to go on; only those who meet again make way.
    if (this.#collisions > 1 && saved.size === 0) await this.#contention.wait();
  }

  /** The log ends before the number believed: a wrong word from another replica, or a restore. Find the end anew. */
  #disbelieve(believed: number | null): void {
    this.#context.logger.warn({ ...this.#channel, believed }, 'a log ends before its head');
    this.#position = null;
    this.#teller.beginAnew();
  }

  /** After a refusal: smaller batches, and one that was refused alone lets the others go first. */
  #isolate(sends: readonly PendingSend<Entry>[]): void {
    this.#batchRows = Math.max(1, Math.floor(sends.length / 2));
    const [alone] = sends;
    if (sends.length === 1 && alone !== undefined) this.#waiting.putLast(alone);
  }
}
