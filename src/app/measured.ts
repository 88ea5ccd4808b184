/** What is open now, and what became of it: read from its owners whenever somebody asks for the numbers. */
import type { DeliveryGate } from '../chat/live/port.ts';
import type { Edge } from '../edge/edge.ts';
import type { Bus } from '../realtime/bus.ts';
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
  meters.counted(
    'backscroll_gaps_repaired_total',
    'Gaps in what the bus carried, closed by reading the logs',
    () => stats().gapsRepaired,
  );
  meters.counted(
    'backscroll_heads_checked_total',
    'Channels whose ends were read from the logs, since something may have been missed',
    () => stats().headsChecked,
  );
}

export function measureEdge(meters: Meters, edge: Edge): void {
  meters.gauge('backscroll_websockets', 'WebSockets open now', () => edge.size);
  meters.gauge(
    'backscroll_websocket_queue_bytes',
    'Bytes that wait for clients to read them, in all WebSockets',
    () => edge.stats().waitingBytes,
  );
  meters.counted(
    'backscroll_deliveries_total',
    'Events written to WebSockets, each for each of its subscriptions',
    () => edge.stats().delivered,
  );
  meters.countedBy(
    'backscroll_websocket_closes_total',
    'WebSockets that ended, by what ended them',
    'reason',
    () => edge.stats().closed.entries(),
  );
}

/** What tells whether events go out at all. */
export function measureDelivery(
  meters: Meters,
  { bus, delivery }: { readonly bus: Pick<Bus, 'state'>; readonly delivery: Pick<DeliveryGate, 'isOpen'> },
): void {
  meters.gauge('backscroll_bus_up', '1 while what other replicas publish arrives', () =>
    bus.state() === 'UP' ? 1 : 0,
  );
  meters.gauge(
    'backscroll_delivery_open',
    '0 while events wait because the lease in Postgres has lapsed',
    () => (delivery.isOpen() ? 1 : 0),
  );
}
