/** What is open now, and what became of it: read from its owners whenever somebody asks for the numbers. */
import type { Edge } from '../edge/edge.ts';
import type { LiveStats } from '../realtime/live-parts.ts';
import type { Meters } from '../telemetry/meters.ts';

export function measureLive(meters: Meters, stats: () => LiveStats): void {
  meters.gauge(
    'backscroll_live_subscriptions',
    'Subscriptions to live events open now',
    () => stats().sessions,
  );
  meters.gauge('backscroll_live_channels', 'Channels listened to now', () => stats().channels);
  meters.gauge('backscroll_live_topics', 'Topics joined on the bus now', () => stats().topics);
  meters.gauge('backscroll_replicas', 'Replicas heard lately, this one included', () => stats().replicas);
  meters.counted(
    'backscroll_publications_rejected_total',
    'Publications on the bus that were dropped because of their shape',
    () => stats().rejected,
  );
}

export function measureEdge(meters: Meters, edge: Edge): void {
  meters.gauge('backscroll_websockets', 'WebSockets open now', () => edge.size);
}
