/**
 * Traces by OpenTelemetry's SDK; this file is imported only where traces are asked for. No provider and no context is
 * registered for the whole process: another server within it has its own, or none. What the collector does not take
 * is dropped after a while: 2,048 spans wait at most.
 */
import {
  DiagLogLevel,
  diag,
  isSpanContextValid,
  type Span as OtelSpan,
  SpanKind as OtelSpanKind,
  ROOT_CONTEXT,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { detectResources, envDetector, hostDetector, resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import packageJson from '../../package.json' with { type: 'json' };
import { settlesWithin } from '../chat/closing.ts';
import type { Logger } from '../chat/logger.ts';
import type { TraceConfig } from '../config/settings.ts';
import type { Attributes, Span, SpanKind, Tracing } from './tracing.ts';

const QUEUE = { maxQueueSize: 2_048, maxExportBatchSize: 512, scheduledDelayMillis: 2_000 };
const EXPORT_MS = 10_000;
const CLOSE_MS = 3_000;
const SAY_MS = 60_000;

const kinds: Readonly<Record<SpanKind, OtelSpanKind>> = {
  server: OtelSpanKind.SERVER,
  client: OtelSpanKind.CLIENT,
  internal: OtelSpanKind.INTERNAL,
};

/** @param replicaId tells the replicas of one service apart. */
export async function openTracing(
  config: TraceConfig,
  { replicaId, logger }: { readonly replicaId: string; readonly logger: Logger },
): Promise<Tracing> {
  let saidAt = Number.NEGATIVE_INFINITY;
  /** A collector that is away is away for every batch: one line a minute is enough. */
  const said = (...parts: readonly unknown[]): void => {
    if (performance.now() - saidAt < SAY_MS) return;
    saidAt = performance.now();
    logger.warn({ problem: parts.map(wordsOf).join(' ').slice(0, 500) }, 'Traces may not have been sent.');
  };
  diag.setLogger(
    { error: said, warn: said, info: nothing, debug: nothing, verbose: nothing },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      'service.name': packageJson.name,
      'service.version': packageJson.version,
      'service.instance.id': replicaId,
    }).merge(detectResources({ detectors: [hostDetector, envDetector] })),
    sampler: samplerOf(config),
    spanProcessors: [
      new BatchSpanProcessor({
        ...QUEUE,
        exporter: await exporterOf(config),
        exportTimeoutMillis: EXPORT_MS,
      }),
    ],
  });
  const tracer = provider.getTracer(packageJson.name, packageJson.version);
  const contexts = new AsyncLocalStorageContextManager().enable();

  return {
    begin(name, kind, attributes, traceparent) {
      const parent = traceparent === undefined ? contexts.active() : contextOf(traceparent);
      return new SdkSpan(tracer.startSpan(name, { kind: kinds[kind], attributes }, parent));
    },
    within: (span, run) =>
      span instanceof SdkSpan ? contexts.with(trace.setSpan(contexts.active(), span.own), run) : run(),
    async close() {
      const isClosed = await settlesWithin(
        CLOSE_MS,
        provider.shutdown().catch((error: unknown) => said(error)),
      );
      if (!isClosed) said('the collector did not take the last spans in time');
      contexts.disable();
      diag.disable();
    },
  };
}

class SdkSpan implements Span {
  readonly own: OtelSpan;

  constructor(own: OtelSpan) {
    this.own = own;
  }

  set(attributes: Attributes): void {
    this.own.setAttributes(attributes);
  }

  end(failure?: string): void {
    if (failure !== undefined) {
      this.own.setAttribute('error.type', failure);
      this.own.setStatus({ code: SpanStatusCode.ERROR });
    }
    this.own.end();
  }
}

const nothing = (): void => undefined;

/** Whatever else the SDK hands along stays out of the log. */
const wordsOf = (part: unknown): string =>
  part instanceof Error ? part.message : typeof part === 'string' ? part : typeof part;

async function exporterOf({ protocol }: TraceConfig) {
  // Address, headers, compression and certificates it takes from the environment.
  const { OTLPTraceExporter } =
    protocol === 'http/json'
      ? await import('@opentelemetry/exporter-trace-otlp-http')
      : await import('@opentelemetry/exporter-trace-otlp-proto');
  return new OTLPTraceExporter();
}

function samplerOf({ share, followsCaller }: TraceConfig): Sampler {
  const root =
    share === 0
      ? new AlwaysOffSampler()
      : share === 1
        ? new AlwaysOnSampler()
        : new TraceIdRatioBasedSampler(share);
  return followsCaller ? new ParentBasedSampler({ root }) : root;
}

const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/;

/** W3C trace context; the root for null and for what is none. */
function contextOf(traceparent: string | null) {
  const [, traceId = '', spanId = '', flags = ''] = TRACEPARENT.exec(traceparent ?? '') ?? [];
  const spanContext = { traceId, spanId, traceFlags: Number.parseInt(flags || '0', 16), isRemote: true };
  return isSpanContextValid(spanContext) ? trace.setSpanContext(ROOT_CONTEXT, spanContext) : ROOT_CONTEXT;
}
