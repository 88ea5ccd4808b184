/**
 * One event for the viewers of a class, executed once for all who answer alike what it asks of its viewer. Those who
 * come to it within the same tick are served side by side, in groups for which the stores are asked once; how many are
 * under way is bounded.
 */
import type { ExecutionArgs } from 'graphql';
import type { Viewer } from '../chat/viewer.ts';
import { after } from './after.ts';
import { executeRaw } from './execute.ts';
import type { RenderClassPorts } from './render-class.ts';
import { judged, type Waiter } from './rendering.ts';
import { Variants } from './variants.ts';
import { ViewerGroup } from './viewer-group.ts';
import { EVENT_MS, RETRY_WAITS_MS } from './whole.ts';

/** As many as one store call may well ask for; and executed for each, no more than 10 ms of work. */
const SIDE_BY_SIDE = 128;

export class EachViewer {
  readonly #event: unknown;
  readonly #args: ExecutionArgs;
  readonly #viewer: Viewer | null;
  readonly #closing: AbortSignal;
  readonly #ports: RenderClassPorts;
  readonly #variants = new Variants();
  /** Who asked in this tick, or while others are served: what comes of those may be theirs too. */
  #asking: Waiter[] = [];
  #isServing = false;

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
    if (this.#isServing) return;
    this.#isServing = true;
    queueMicrotask(() => void this.#serveAll());
  }

  async #serveAll(): Promise<void> {
    while (this.#asking.length > 0) {
      const asking = this.#asking;
      this.#asking = [];
      await this.#start(asking, 0);
    }
    this.#isServing = false;
  }

  /** The first group finds what is asked, and mostly all that is answered. */
  async #start(waiters: readonly Waiter[], attempt: number): Promise<void> {
    await this.#inTurn(waiters.slice(0, SIDE_BY_SIDE), attempt);
    const others: Promise<void>[] = [];
    for (let from = SIDE_BY_SIDE; from < waiters.length; from += SIDE_BY_SIDE) {
      others.push(this.#inTurn(waiters.slice(from, from + SIDE_BY_SIDE), attempt));
    }
    await Promise.all(others);
  }

  #inTurn(waiters: readonly Waiter[], attempt: number): Promise<void> {
    return this.#ports.turns
      .run(() => this.#serve(waiters, attempt))
      .catch((error: unknown) => {
        this.#ports.logger.error({ err: error }, 'events could not be rendered');
        // Nobody is left waiting; who was told already is not told again.
        for (const waiter of waiters) waiter.settle('RESUME');
      });
  }

  async #serve(waiters: readonly Waiter[], attempt: number): Promise<void> {
    if (this.#closing.aborted) return;
    const { contexts, present, logger } = this.#ports;
    const group = new ViewerGroup({
      gathering: contexts.forEach(this.#viewer, attempt === 0 ? this.#event : undefined),
      variants: this.#variants,
      execute: (contextValue) =>
        executeRaw(EVENT_MS, { ...this.#args, rootValue: this.#event, contextValue }),
      judge: (result) => judged(this.#event, result, present, logger),
    });
    await group.serve(waiters);
    const { failed } = group;
    if (failed.length === 0) return;
    const wait = RETRY_WAITS_MS[attempt];
    if (wait === undefined) for (const waiter of failed) waiter.settle('RESUME');
    else after(wait, this.#closing, () => void this.#start(failed, attempt + 1));
  }
}
