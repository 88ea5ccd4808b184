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
import { BatchSize } from './batch-size.ts';
import { Contention } from './contention.ts';
import { CopySearch, type Found } from './copy-search.ts';
import { decideBatch, rejectUndone } from './decide-batch.ts';
import type { Deciding } from './deciding.ts';
import { putIntoEffect } from './effect.ts';
import { isMoving, noAnswer } from './failures.ts';
import { forward } from './forward.ts';
import type { Appended, Send } from './log.ts';
import { catchUp, openPosition } from './open.ts';
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
import { consultWhileWaited } from './uncertain.ts';
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
  /** The last batch answered several senders. */
  #hasAnsweredMany = false;
  readonly #outage = new Backoff(20, 500);
  readonly #contention = new Contention();
  readonly #batchSize: BatchSize;
  readonly #search: CopySearch<Entry>;

  constructor(channel: ChannelKey, context: AppendContext<Entry>) {
    this.#channel = channel;
    this.#context = context;
    this.#batchSize = new BatchSize(context.limits.batchRows);
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

  /** @param staysHere another replica has sent it here. */
  append(send: Send<Entry>, staysHere: boolean): Promise<Appended<Entry>> {
    const answer = this.#waiting.add(send, staysHere);
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
    this.#contention.rested();
    const { appointed } = this.#context;
    do {
      while (this.#waiting.size > 0) {
        await this.#stepOrWait();
        await this.#gather();
        if (this.#waiting.size > 0 && appointed?.isDeaf() === true) await this.#contention.leaveGap();
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
    const limits = { ...this.#context.limits, batchRows: this.#batchSize.rows };
    const now = this.#context.clock.now();
    const next = nextBatch(this.#channel, position, this.#waiting, limits, now);
    if (next !== null) {
      const { deciding } = this.#context;
      if (deciding !== null) await this.#attemptDecided(deciding, position, next);
      else if (!(await this.#leaveToAnother(position, next))) await this.#attempt(position, next);
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
      this.#contention.lost();
      await this.#learn(position, decided, answer);
    }
  }

  /** Where replicas meet, one appends for all. False when that is this one, or nobody can tell. */
  async #leaveToAnother(position: Position, next: NextBatch<Entry>): Promise<boolean> {
    const answers = this.#contention.isShared ? forward(this.#context, this.#channel, next) : null;
    if (answers === null) return false;
    const { answered, isWhole } = await answers;
    for (const { row } of answered) position.observe(row.seq, row.at);
    this.#hasAnsweredMany = answered.length > 1;
    // What got no answer may be saved, and whoever saved it may have told nobody.
    if (!isWhole) this.#teller.doubt();
    return true;
  }

  async #attempt(position: Position, next: NextBatch<Entry>): Promise<void> {
    let outcome: AppendOutcome;
    const began = performance.now();
    try {
      outcome = await this.#context.store.append(next.batch);
    } catch (error) {
      const mayBeOneEntry = this.#batchSize.failed(error, next.batch.rows.length);
      if (error instanceof StoreUnreachable) {
        const [alone] = next.sends;
        // Nothing was done, and nobody else's entry can be why.
        if (mayBeOneEntry && next.sends.length === 1) alone?.reject(noAnswer(error));
        else if (!mayBeOneEntry) throw error;
        return;
      }
      await this.#resolveUnknown(position, next, error);
      return;
    }
    this.#outage.reset();
    this.#batchSize.succeeded();
    if (outcome.applied) {
      this.#contention.won(performance.now() - began);
      await this.#applied(position, next);
    } else {
      this.#contention.lost();
      await this.#learn(position, next, outcome);
    }
  }

  async #applied(position: Position, next: NextBatch<Entry>): Promise<void> {
    const {
      batch: { bucket, rows },
      sends,
    } = next;
    const last = rows.at(-1);
    if (last !== undefined) position.moveTo(last.seq, last.at);
    const isInEffect = await putIntoEffect(this.#context, next, this.#outage, () => this.#teller.doubt());
    if (!isInEffect) return;
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
    const answer = await consultWhileWaited(this.#context, next, this.#outage);
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
    // Its own sends are not among what is there: somebody else was first.
    if (saved.size > 0 || state === null || state.last === batch.expectedLast) return;
    this.#contention.met();
    const isOld = await this.#contention.makeWay();
    if (isOld && this.#position === position) {
      await catchUp(this.#context, this.#channel, position, position.bucket);
    }
  }

  /** The log ends before the number believed: a wrong word from another replica, or a restore. Find the end anew. */
  #disbelieve(believed: number | null): void {
    this.#context.logger.warn({ ...this.#channel, believed }, 'a log ends before its head');
    this.#position = null;
    this.#teller.beginAnew();
  }
}
