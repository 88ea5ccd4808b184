/** The contexts in which events are executed: for all who are told of them at once, or for each by themselves. */
import type { Viewer } from '../chat/viewer.ts';

/** Who runs an operation, and over which connection; null over HTTP. */
export interface Caller {
  readonly viewer: Viewer | null;
  readonly connectionId: string | null;
  /** The request that brought it, where anybody asks for that. */
  readonly request?: RequestInfo;
}

/** What the log and traces say of where an operation came from. Holds nothing that is secret. */
export interface RequestInfo {
  /** Given by the client, where it fits, or by the server. */
  readonly id: string;
  readonly transport: 'http' | 'websocket';
  /** Whose request it is, as far as that is known. */
  readonly address?: string;
  /** W3C trace context, as the client sent it. */
  readonly traceparent?: string;
  /** The log has said what became of it. */
  isTold: boolean;
}

/** A context without a viewer: whatever asks for one throws, and is noted, for an error inside a result may be lost. */
export interface SharedContext {
  readonly value: object;
  readonly wasViewerAsked: boolean;
}

/** Something about a viewer that many of them may answer alike. */
export interface Question {
  /** All that the answer depends on besides the viewer and the stores. */
  readonly key: string;
}

/** What an execution has asked about its viewer so far. */
export interface Asked {
  /** Something that is no question to others: what comes of it is for this viewer alone. */
  readonly isOwn: boolean;
  readonly questions: readonly Question[];
}

/** Many viewers of one event: their loaders ask the stores once for all of them. */
export interface Gathering {
  contextOf(caller: Caller): { readonly value: object; readonly asked: Asked };
  /** Null when it is nobody else's; undefined while it is not loaded, and where that failed. */
  answer(question: Question, caller: Caller): string | null | undefined;
  /** Loads what is not known yet; null when all of it is. Never rejects. */
  ask(questions: readonly Question[], callers: readonly Caller[]): Promise<unknown> | null;
}

export interface EventContexts {
  /**
   * @param viewer one of those who are told: nothing but the organization is taken from it.
   * @param event left out for one that failed before: loaders remember failures.
   */
  forAll(viewer: Viewer | null, event?: unknown): SharedContext;
  /** For callers of one organization. */
  forEach(viewer: Viewer | null, event?: unknown): Gathering;
}
