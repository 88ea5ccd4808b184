/**
 * One append at a time: tries it, or leaves it to another replica, and takes over what comes of it. An outcome that
 * is not known is never taken for a failure.
 */
import type { NextBatch } from './batch.ts';
import type { ChannelState } from './channel-state.ts';
import { decideBatch, rejectUndone } from './decide-batch.ts';
import type { Deciding } from './deciding.ts';
import { putIntoEffect } from './effect.ts';
import { isMoving, noAnswer } from './failures.ts';
import { forward } from './forward.ts';
import { catchUp } from './open.ts';
import { type AppendOutcome, type BucketAnswer, OutcomeUnknown, StoreUnreachable } from './port.ts';
import type { Position } from './position.ts';
import { consultWhileWaited } from './uncertain.ts';

export class Attempts<Entry> {
  readonly #state: ChannelState<Entry>;

  constructor(state: ChannelState<Entry>) {
    this.#state = state;
  }

  /** The batch as decided on the state at the head. When something comes in between, nothing is done: decide anew. */
  async attemptDecided(deciding: Deciding<Entry>, position: Position, next: NextBatch<Entry>): Promise<void> {
    const { head } = position;
    await deciding.settle(this.#state.channel, head);
    const decided = await decideBatch(deciding, head, next);
    // What was found meanwhile must not be written again; a head that moved has another state.
    if (this.#state.position !== position || position.head !== head || this.#state.found.length > 0) return;
    if (decided.batch.rows.length > 0) {
      await this.attempt(position, decided);
      return;
    }
    const answer = await this.#state.context.store.consult(decided.batch, []);
    if ((answer.state?.last ?? null) === decided.batch.expectedLast) rejectUndone(decided);
    else {
      this.#state.contention.lost();
      await this.#learn(position, decided, answer);
    }
  }

  /** Where replicas meet, one appends for all. False when that is this one, or nobody can tell. */
  async leaveToAnother(position: Position, next: NextBatch<Entry>): Promise<boolean> {
    const answers = this.#state.contention.isShared
      ? forward(this.#state.context, this.#state.channel, next)
      : null;
    if (answers === null) return false;
    const { answered, isWhole } = await answers;
    for (const { row } of answered) position.observe(row.seq, row.at);
    this.#state.answered = answered.length;
    // What got no answer may be saved, and whoever saved it may have told nobody.
    if (!isWhole) this.#state.teller.doubt();
    return true;
  }

  async attempt(position: Position, next: NextBatch<Entry>): Promise<void> {
    let outcome: AppendOutcome;
    const began = performance.now();
    try {
      outcome = await this.#state.context.store.append(next.batch);
    } catch (error) {
      const mayBeOneEntry = this.#state.batchSize.failed(error, next.batch.rows.length);
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
    this.#state.outage.reset();
    this.#state.batchSize.succeeded();
    if (outcome.applied) {
      this.#state.contention.won(performance.now() - began);
      await this.#applied(position, next);
    } else {
      this.#state.contention.lost();
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
    this.#state.written.wrote(bucket, rows);
    const isInEffect = await putIntoEffect(this.#state.context, next, this.#state.outage, () =>
      this.#state.teller.doubt(),
    );
    if (!isInEffect) return;
    // What was decided against was decided on the state that the append has proved, with this batch in effect.
    rejectUndone(next);
    this.#state.teller.tell(rows);
    // Whatever was doubted lies before these rows, and readers see the gap, or can no longer be saved.
    this.#state.teller.trust();
    sends.forEach((pending, i) => {
      const row = rows[i];
      if (row !== undefined) pending.resolve({ row, isDuplicate: false });
    });
    this.#state.answered = sends.length;
    // The bucket is full: whoever looks for the end begins at the next one.
    if (position.bucket > bucket) this.#state.context.hintTail(this.#state.channel, position.bucket);
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
    this.#state.teller.doubt();
    await this.#state.outage.wait();
    const answer = await consultWhileWaited(this.#state.context, next, this.#state.outage);
    if (answer === null) {
      this.#state.position = null;
      this.#state.teller.giveUp();
      return;
    }
    // Those that are saved are read and told of; of the others one may still be on its way.
    if (sends.every(({ send }) => answer.sends.has(send.sendKey))) this.#state.teller.trust();
    if (!(error instanceof OutcomeUnknown)) {
      this.#state.context.logger.error(
        { err: error, ...this.#state.channel },
        'the message store failed in its own way',
      );
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
      if (seq !== undefined) this.#state.found.push({ pending, seq });
    }
    if (state?.last === -1) {
      this.#state.position = null;
      this.#state.waiting.rejectAll(isMoving());
      return;
    }
    if (state === null ? batch.expectedLast !== null : state.last < (batch.expectedLast ?? 0)) {
      this.#state.disbelieve(batch.expectedLast);
    } else if (state !== null && state.last > position.head) {
      position.moveTo(state.last, state.lastAt);
      // Others may be many buckets ahead.
      if (position.bucket > batch.bucket)
        await catchUp(this.#state.context, this.#state.channel, position, position.bucket);
    }
    // Its own sends are not among what is there: somebody else was first.
    if (saved.size > 0 || state === null || state.last === batch.expectedLast) return;
    this.#state.contention.met();
    const isOld = await this.#state.contention.makeWay();
    if (isOld && this.#state.position === position) {
      await catchUp(this.#state.context, this.#state.channel, position, position.bucket);
    }
  }
}
