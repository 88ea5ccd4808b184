/** How far one conversation has come, in bytes of its day files: reading them is a fifth of the work. */
import type { Run } from './run.ts';

const READING = 0.2;

export class Progress {
  readonly #run: Run;
  readonly #bytes: number;
  #read = 0;
  #messages = 0;
  #done = 0;
  #told = 0;

  constructor(run: Run, files: readonly string[]) {
    this.#run = run;
    this.#bytes = files.reduce((sum, path) => sum + this.#sizeOf(path), 0);
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** A day file has been read. */
  file(path: string): void {
    this.#read += this.#sizeOf(path);
    this.#tell(READING * this.#read);
  }

  /** All are read, and hold so many messages. */
  found(messages: number): void {
    this.#messages = messages;
  }

  /** One of them has been dealt with. */
  message(): void {
    this.#done += 1;
    this.#tell(this.#bytes * (READING + ((1 - READING) * this.#done) / Math.max(this.#messages, this.#done)));
  }

  end(): void {
    this.#tell(this.#bytes);
  }

  #tell(reached: number): void {
    const more = Math.floor(Math.min(reached, this.#bytes)) - this.#told;
    if (more <= 0) return;
    this.#told += more;
    this.#run.observer.advanced(more);
  }

  #sizeOf(path: string): number {
    return this.#run.export.source.files.get(path) ?? 0;
  }
}
