/**
 * What `/metrics` answers: what this server counts of itself, and what prom-client tells of the process and of Node.
 * Each app has numbers of its own, so that two in one process do not mix.
 */
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { Meters } from '../telemetry/meters.ts';

export interface Metrics {
  readonly contentType: string;
  text(): Promise<string>;
  /** One HTTP request was answered. */
  answered(route: string, status: number, ms: number): void;
}

/** Between two looks at how late the event loop is: often enough to see what people feel, and next to no work. */
const LOOP_LOOK_MS = 20;

const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15];

export function createMetrics(meters: Meters): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LOOP_LOOK_MS });
  const requests = meters.counter('backscroll_http_requests_total', 'HTTP requests answered', [
    'route',
    'status',
  ]);
  const durations = meters.histogram(
    'backscroll_http_request_seconds',
    'Time from the first byte of an HTTP request to the end of its answer',
    ['route'],
    BOUNDS,
  );
  return {
    contentType: registry.contentType,
    text: async () => meters.text() + (await registry.metrics()),
    answered: (route, status, ms) => {
      requests.of(route, String(status)).add();
      durations.of(route).observe(ms);
    },
  };
}
