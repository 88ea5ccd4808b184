/** Numbers for Prometheus. Each app has a registry of its own, so that two in one process do not mix. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export interface Metrics {
  readonly contentType: string;
  text(): Promise<string>;
  /** One HTTP request was answered. */
  answered(route: string, status: number, seconds: number): void;
}

/** What is open now. */
export interface OpenNow {
  readonly sockets: number;
  /** Subscriptions to live events. */
  readonly sessions: number;
  /** Channels that somebody here listens to. */
  readonly channels: number;
  /** Topics joined on the bus, for channels and for people. */
  readonly topics: number;
}

const OPEN_NOW = [
  ['sockets', 'backscroll_websockets', 'WebSockets open now'],
  ['sessions', 'backscroll_live_subscriptions', 'Subscriptions to live events open now'],
  ['channels', 'backscroll_live_channels', 'Channels listened to now'],
  ['topics', 'backscroll_live_topics', 'Topics joined on the bus now'],
] as const;

/** @param now counts what is open, each time that the numbers are asked for. */
export function createMetrics(now: () => OpenNow): Metrics {
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
  for (const [what, name, help] of OPEN_NOW) {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(now()[what]);
      },
    });
  }
  /** By route and status, of which there are few: finding a counter by its labels takes longer than counting. */
  const counters = new Map<string, Counter.Internal>();
  const timers = new Map<string, Histogram.Internal<'route'>>();
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    answered: (route, status, seconds) => {
      const name = `${route} ${status}`;
      const counter = counters.get(name) ?? requests.labels({ route, status: String(status) });
      counters.set(name, counter);
      counter.inc();
      const timer = timers.get(route) ?? durations.labels({ route });
      timers.set(route, timer);
      timer.observe(seconds);
    },
  };
}
