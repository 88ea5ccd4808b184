/**
 * One event for the viewers of a class, executed for each by themselves. Those who ask within the same tick are
 * executed side by side with loaders that ask the stores once for all of them; how many are under way is bounded.
 */
import type { ExecutionArgs, ExecutionResult } from 'graphql';
import type { Viewer } from '../chat/viewer.ts';
import { after } from './after.ts';
import { executeRaw } from './execute.ts';
import type { RenderClassPorts } from './render-class.ts';
import { judged, type Waiter } from './rendering.ts';
import { EVENT_MS, RETRY_WAITS_MS } from './whole.ts';

/** Executed within one tick: as many as one store call may well ask for, and no more than 10 ms of work. */
const SIDE_BY_SIDE = 128;

export class EachViewer {
  readonly #event: unknown;
  readonly #args: ExecutionArgs;
  readonly #viewer: Viewer | null;
  readonly #closing: AbortSignal;
  readonly #ports: RenderClassPorts;
  /** Who asked in this tick. */
  #asking: Waiter[] = [];

  constructor(
    event: unknown,
    args: ExecutionArgs,
    viewer: Viewer | null,
    closing: AbortSignal,
    ports: RenderClassPorts,
  ) {
    this.#event = event;
    this.#args = args;
    this.#viewer = viewer;
    this.#closing = closing;
    this.#ports = ports;
  }

  add(waiter: Waiter): void {
    this.#asking.push(waiter);
    if (this.#asking.length > 1) return;
    queueMicrotask(() => {
      const asking = this.#asking;
      this.#asking = [];
      this.#start(asking, 0);
    });
  }

  #start(waiters: readonly Waiter[], attempt: number): void {
    for (let from = 0; from < waiters.length; from += SIDE_BY_SIDE) {
      const some = waiters.slice(from, from + SIDE_BY_SIDE);
      this.#ports.turns
        .run(() => this.#execute(some, attempt))
        .catch((error: unknown) => this.#ports.logger.error({ err: error }, 'events could not be rendered'));
    }
  }

  async #execute(waiters: readonly Waiter[], attempt: number): Promise<void> {
    if (this.#closing.aborted) return;
    const contextOf = this.#ports.contexts.forEach(this.#viewer, attempt === 0 ? this.#event : undefined);
    const failed: Waiter[] = [];
    const running: Promise<void>[] = [];
    for (const waiter of waiters) {
      if (!waiter.isWaiting) continue;
      const contextValue = contextOf(waiter.caller);
      const result = executeRaw(EVENT_MS, { ...this.#args, rootValue: this.#event, contextValue });
      // Mostly everything is loaded by now, and most of them cost no promise.
      if (result instanceof Promise) running.push(result.then((late) => this.#judge(waiter, late, failed)));
      else this.#judge(waiter, result, failed);
    }
    await Promise.all(running);
    if (failed.length === 0) return;
    const wait = RETRY_WAITS_MS[attempt];
    if (wait === undefined) for (const waiter of failed) waiter.settle('RESUME');
    else after(wait, this.#closing, () => this.#start(failed, attempt + 1));
  }

  #judge(waiter: Waiter, result: ExecutionResult, failed: Waiter[]): void {
    const { present, logger } = this.#ports;
    const outcome = judged(this.#event, result, present, logger);
    if (outcome === 'TRY_AGAIN') failed.push(waiter);
    else waiter.settle(outcome);
  }
}
