/** One send from its call to its answer. Whoever repeats it meanwhile on this replica waits for the same answer. */
import type { Deadlines } from '../deadlines.ts';
import { noAnswer } from './failures.ts';
import type { Appended, Send } from './log.ts';

/** How long sends of one log wait, all of them equally. */
export type SendDeadlines<Entry> = Pick<Deadlines<PendingSend<Entry>>, 'add' | 'delete'>;

export class PendingSend<Entry> {
  readonly send: Send<Entry>;
  readonly answer: Promise<Appended<Entry>>;
  /**
   * Every bucket below this one either cannot hold an earlier copy or was searched for one after it was known to be
   * full; null until the first look. A batch for bucket b takes only sends with `searched` >= b.
   */
  searched: number | null = null;
  isSearching = false;
  /** True once the head was read anew because `basis` lay above it. */
  hasRefreshed = false;
  /** True when another replica sent it here, or gave no answer for it: it is not handed to one again. */
  staysHere = false;
  /** Number and time given to it in appends whose outcome was not known. */
  readonly attempts: { readonly seq: number; readonly at: number }[] = [];

  readonly #settlers = Promise.withResolvers<Appended<Entry>>();
  readonly #deadlines: SendDeadlines<Entry>;
  readonly #onSettled: (send: PendingSend<Entry>) => void;
  #isSettled = false;

  /** @param onSettled called once, when it has its answer or has waited for too long. */
  constructor(
    send: Send<Entry>,
    deadlines: SendDeadlines<Entry>,
    onSettled: (send: PendingSend<Entry>) => void,
  ) {
    this.send = send;
    this.answer = this.#settlers.promise;
    this.#onSettled = onSettled;
    this.#deadlines = deadlines;
    deadlines.add(this);
  }

  get isSettled(): boolean {
    return this.#isSettled;
  }

  /** It has waited for too long. */
  late(): void {
    this.reject(noAnswer());
  }

  resolve(appended: Appended<Entry>): void {
    if (this.#settle()) this.#settlers.resolve(appended);
  }

  reject(error: unknown): void {
    if (this.#settle()) this.#settlers.reject(error);
  }

  #settle(): boolean {
    if (this.#isSettled) return false;
    this.#isSettled = true;
    this.#deadlines.delete(this);
    this.#onSettled(this);
    return true;
  }
}
