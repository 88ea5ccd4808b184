/** The sends of one channel that have no answer yet, queued or in flight, oldest first and each key once. */
import type { AppendContext } from './append-context.ts';
import { queueFull } from './failures.ts';
import type { Appended, Send } from './log.ts';
import { PendingSend } from './pending-send.ts';

export class WaitingSends<Entry> {
  readonly #context: AppendContext<Entry>;
  readonly #sends = new Map<string, PendingSend<Entry>>();
  readonly #onChange: () => void;

  /** @param onChange called when a send joined or left. */
  constructor(context: AppendContext<Entry>, onChange: () => void) {
    this.#context = context;
    this.#onChange = onChange;
  }

  get size(): number {
    return this.#sends.size;
  }

  [Symbol.iterator](): Iterator<PendingSend<Entry>> {
    return this.#sends.values();
  }

  /**
   * A send whose key is waiting already joins it: a batch never holds a key twice.
   * @param staysHere another replica has sent it here.
   */
  add(send: Send<Entry>, staysHere: boolean): Promise<Appended<Entry>> {
    const same = this.#sends.get(send.sendKey);
    if (same !== undefined) {
      same.staysHere ||= staysHere;
      return same.answer.then(({ row }) => ({ row, isDuplicate: true }));
    }
    const { limits } = this.#context;
    if (this.#sends.size >= limits.channelSends) return Promise.reject(queueFull());

    this.#context.waitingBytes += send.bytes;
    const pending = new PendingSend<Entry>(send, this.#context.deadlines, () => {
      this.#context.waitingBytes -= send.bytes;
      this.#sends.delete(send.sendKey);
      this.#onChange();
    });
    pending.staysHere = staysHere;
    this.#sends.set(send.sendKey, pending);
    this.#onChange();
    return pending.answer;
  }

  rejectAll(error: unknown): void {
    for (const pending of [...this.#sends.values()]) pending.reject(error);
  }
}
