/** The contexts in which events are executed: for all who are told of them at once, or for each by themselves. */
import type { Viewer } from '../chat/viewer.ts';

/** Who runs an operation, and over which connection; null over HTTP. */
export interface Caller {
  readonly viewer: Viewer | null;
  readonly connectionId: string | null;
}

/** A context without a viewer: whatever asks for one throws, and is noted, for an error inside a result may be lost. */
export interface SharedContext {
  readonly value: object;
  readonly wasViewerAsked: boolean;
}

/** Contexts of many viewers for one event, whose loaders ask the stores once for all of them. */
export type ContextOfEach = (caller: Caller) => object;

export interface EventContexts {
  /**
   * @param viewer one of those who are told: nothing but the organization is taken from it.
   * @param event left out for one that failed before: loaders remember failures.
   */
  forAll(viewer: Viewer | null, event?: unknown): SharedContext;
  /** To be used within one tick, for callers of one organization. */
  forEach(viewer: Viewer | null, event?: unknown): ContextOfEach;
}
