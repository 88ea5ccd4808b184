/** Where people are sent with their WebSockets: to the edges that share this database, or to this server alone. */
import type { Clock } from '../chat/clock.ts';
import { onlyEndpoint, Placement } from '../chat/endpoints/placement.ts';
import type { EdgeOffer, Endpoints } from '../chat/endpoints/port.ts';
import type { Bus } from '../realtime/bus.ts';
import type { LivePublisher } from '../realtime/publisher.ts';
import type { Relational } from '../stores/relational/open.ts';

/** What this server says of itself; nothing until it listens, and none while it takes no connections. */
export class OwnOffer {
  #source: () => EdgeOffer | null = () => null;

  begin(source: () => EdgeOffer | null): void {
    this.#source = source;
  }

  now(): EdgeOffer | null {
    return this.#source();
  }
}

export function endpointsOf(ports: {
  /** Others may share the database. */
  readonly isShared: boolean;
  readonly relational: Pick<Relational, 'leases'>;
  readonly publisher: Pick<LivePublisher, 'heard' | 'hearsOthers'>;
  readonly bus: Pick<Bus, 'isShared'>;
  readonly own: OwnOffer;
  readonly clock: Clock;
}): Endpoints {
  const { isShared, relational, publisher, bus, own, clock } = ports;
  if (!isShared) return onlyEndpoint(() => own.now()?.url ?? null, clock);
  return new Placement({
    edges: () => relational.leases.offered(),
    heard: () => (bus.isShared && publisher.hearsOthers() ? publisher.heard() : null),
    clock,
  });
}
