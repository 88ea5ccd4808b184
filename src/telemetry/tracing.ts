/** Spans, as the rest of the program sees them: OpenTelemetry is loaded where it is asked for, and costs nothing else. */

export type SpanKind = 'server' | 'client' | 'internal';

/** What a span says. Never arguments, variables or what was answered. */
export type Attributes = Readonly<Record<string, string | number | boolean>>;

export interface Span {
  set(attributes: Attributes): void;
  /** @param failure a code or the name of an error; nothing when all went well. */
  end(failure?: string): void;
}

export interface Tracing {
  /**
   * Begins a span below the one that is current, or below the client's, by its `traceparent`.
   * @param traceparent null: it belongs to nothing that is current.
   */
  begin(name: string, kind: SpanKind, attributes: Attributes, traceparent?: string | null): Span;
  /** Runs with the span as the current one. */
  within<T>(span: Span, run: () => T): T;
  /** Sends what waits, within a few seconds. Never rejects. */
  close(): Promise<void>;
}
