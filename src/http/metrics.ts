/** Numbers for Prometheus. Each app has a registry of its own, so that two in one process do not mix. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export interface Metrics {
  readonly contentType: string;
  text(): Promise<string>;
  /** One HTTP request was answered. */
  answered(route: string, status: number, seconds: number): void;
}

/** @param sockets how many WebSockets are open now. */
export function createMetrics(sockets: () => number): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const requests = new Counter({
    name: 'backscroll_http_requests_total',
    help: 'HTTP requests answered',
    labelNames: ['route', 'status'],
    registers: [registry],
  });
  const durations = new Histogram({
    name: 'backscroll_http_request_seconds',
    help: 'Time from the first byte of an HTTP request to the end of its answer',
    labelNames: ['route'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15],
    registers: [registry],
  });
  new Gauge({
    name: 'backscroll_websockets',
    help: 'WebSockets open now',
    registers: [registry],
    collect() {
      this.set(sockets());
    },
  });
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    answered: (route, status, seconds) => {
      requests.inc({ route, status: String(status) });
      durations.observe({ route }, seconds);
    },
  };
}
