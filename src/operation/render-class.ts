/**
 * All who follow the same thing with the same document and variables in the same organization: an event is executed
 * and serialized once for all of them, in a context without a viewer. When that execution asked for the viewer,
 * whatever for, its result is thrown away and this event is executed for each of them (each-viewer.ts). So nothing has
 * to be known of which fields differ between viewers.
 */
import type { ExecutionArgs, ExecutionResult } from 'graphql';
import type { Gate } from '../chat/gate.ts';
import type { Logger } from '../chat/logger.ts';
import type { Viewer } from '../chat/viewer.ts';
import { after } from './after.ts';
import type { EventContexts } from './contexts.ts';
import { EachViewer } from './each-viewer.ts';
import { executeRaw, type PresentError } from './execute.ts';
import type { Rendered } from './outlet.ts';
import { judged, type Outcome, type Waiter } from './rendering.ts';
import { EVENT_MS, RETRY_WAITS_MS } from './whole.ts';

export interface RenderClassPorts {
  readonly contexts: EventContexts;
  readonly present: PresentError;
  readonly logger: Logger;
  /** Of executions for each viewer, in all classes. */
  readonly turns: Gate;
}

/** Those who wait while an event is executed for all. */
interface Pending {
  readonly waiters: Waiter[];
}

type Rendering = Rendered | Pending | EachViewer;
type Judged = Outcome | 'TRY_AGAIN' | 'FOR_EACH';

export class RenderClass {
  readonly #args: ExecutionArgs;
  readonly #viewer: Viewer | null;
  readonly #ports: RenderClassPorts;
  /** Kept as long as anybody has the event before them. */
  readonly #renderings = new WeakMap<object, Rendering>();
  readonly #closing = new AbortController();

  /** @param viewer one of the class: only what all of them share is taken from it. */
  constructor(args: ExecutionArgs, viewer: Viewer | null, ports: RenderClassPorts) {
    this.#args = args;
    this.#viewer = viewer;
    this.#ports = ports;
  }

  /** The rendering for all, when it is at hand. */
  at(event: unknown): Rendered | null {
    const known = this.#known(event);
    return known !== undefined && 'json' in known ? known : null;
  }

  /** What comes of the event for the waiter; null when it is told later. */
  render(event: unknown, waiter: Waiter): Outcome | null {
    const known = this.#known(event);
    if (known === undefined) return this.#first(event, waiter);
    if ('json' in known) return known;
    if ('waiters' in known) known.waiters.push(waiter);
    else known.add(waiter);
    return null;
  }

  /** Nobody follows any more. */
  close(): void {
    this.#closing.abort();
  }

  #known(event: unknown): Rendering | undefined {
    return isObject(event) ? this.#renderings.get(event) : undefined;
  }

  #keep(event: unknown, rendering: Rendering): void {
    if (isObject(event)) this.#renderings.set(event, rendering);
  }

  #first(event: unknown, waiter: Waiter): Outcome | null {
    const judged = this.#try(event, 0);
    if (isPromise(judged) || judged === 'TRY_AGAIN' || judged === 'FOR_EACH') {
      const pending: Pending = { waiters: [waiter] };
      this.#keep(event, pending);
      this.#await(event, pending, 0, judged);
      return null;
    }
    if (isRendered(judged)) this.#keep(event, judged);
    return judged;
  }

  /** Never throws: whoever waits must be told something, and a try may be made by a timer. */
  #try(event: unknown, attempt: number): Judged | Promise<Judged> {
    const { contexts, present, logger } = this.#ports;
    try {
      // Loaders remember failures: a further try must not share them.
      const context = contexts.forAll(this.#viewer, attempt === 0 ? event : undefined);
      const args = { ...this.#args, rootValue: event, contextValue: context.value };
      const judge = (result: ExecutionResult): Judged =>
        context.wasViewerAsked ? 'FOR_EACH' : judged(event, result, present, logger);
      const running = executeRaw(EVENT_MS, args);
      return isPromise(running) ? running.then(judge) : judge(running);
    } catch (error) {
      logger.error({ err: error }, 'an event could not be executed');
      return 'RESUME';
    }
  }

  #await(event: unknown, pending: Pending, attempt: number, judging: Judged | Promise<Judged>): void {
    void Promise.resolve(judging).then((known) => this.#conclude(event, pending, attempt, known));
  }

  #conclude(event: unknown, pending: Pending, attempt: number, judged: Judged): void {
    if (this.#closing.signal.aborted) return;
    if (judged === 'FOR_EACH') this.#forEach(event, pending);
    else if (judged === 'TRY_AGAIN') this.#tryAgain(event, pending, attempt);
    else this.#settle(event, pending, judged);
  }

  #tryAgain(event: unknown, pending: Pending, attempt: number): void {
    const wait = RETRY_WAITS_MS[attempt];
    if (wait === undefined) {
      this.#settle(event, pending, 'RESUME');
      return;
    }
    this.#ports.logger.debug({ attempt }, 'an event is tried again');
    after(wait, this.#closing.signal, () =>
      this.#await(event, pending, attempt + 1, this.#try(event, attempt + 1)),
    );
  }

  #forEach(event: unknown, pending: Pending): void {
    const each = new EachViewer(event, this.#args, this.#viewer, this.#closing.signal, this.#ports);
    this.#keep(event, each);
    for (const waiter of pending.waiters) each.add(waiter);
  }

  #settle(event: unknown, { waiters }: Pending, outcome: Outcome): void {
    if (isRendered(outcome)) this.#keep(event, outcome);
    // Whoever comes to it later tries anew.
    else if (isObject(event)) this.#renderings.delete(event);
    for (const waiter of waiters) waiter.settle(outcome);
  }
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

const isPromise = <T>(value: T | Promise<T>): value is Promise<T> => value instanceof Promise;

const isRendered = (outcome: Outcome): outcome is Rendered =>
  typeof outcome === 'object' && 'json' in outcome;
