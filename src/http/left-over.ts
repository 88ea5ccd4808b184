/**
 * What is known of a request that is left to Yoga, so that nothing is asked for twice: a database that is away may have
 * taken half of the time that there is, and a bad token a signature's check.
 */
import type { IncomingMessage } from 'node:http';

export interface LeftOver {
  /** When it had come, by `performance.now()`: its time runs from then on. */
  readonly arrived: number;
  /** Why whoever sent it could not be signed in; undefined when they could, or were not asked. */
  readonly refusal?: unknown;
}

/**
 * A body that was read by then, to be put into `request.body`, where Yoga looks for one. Not as text or bytes: Yoga counts
 * the keys of what it finds there, and those of a text of 1 MB take most of a second.
 */
export class ReadBody {
  readonly bytes: Buffer;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    yield this.bytes;
  }
}

const left = new WeakMap<IncomingMessage, LeftOver>();

export const leaveOver = (request: IncomingMessage, what: LeftOver): void => void left.set(request, what);

export const leftOver = (request: IncomingMessage): LeftOver | undefined => left.get(request);
