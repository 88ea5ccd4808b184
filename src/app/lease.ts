/** This server's lease, where it shares Postgres with others; without that, nobody can end a right behind its back. */
import type { Clock } from '../chat/clock.ts';
import type { EdgeOffer } from '../chat/endpoints/port.ts';
import type { DeliveryGate } from '../chat/live/port.ts';
import type { Logger } from '../chat/logger.ts';
import type { Bus } from '../realtime/bus.ts';
import { Lease } from '../realtime/lease.ts';
import type { LivePublisher } from '../realtime/publisher.ts';
import { defaultTimings } from '../realtime/timings.ts';
import type { Relational } from '../stores/relational/open.ts';

export interface LeasePorts {
  readonly relational: Pick<Relational, 'leases'>;
  readonly publisher: LivePublisher;
  readonly bus: Bus;
  readonly replicaId: string;
  /** What ended meanwhile cannot be told: everybody must come back and ask anew. */
  readonly onUnknown: () => void;
  /** What this edge says of itself with it. */
  readonly offer: () => EdgeOffer | null;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface HeldLease {
  readonly delivery: DeliveryGate;
  /** Resolves with the first lease: no subscription may begin before. */
  start(): Promise<void>;
  /** Says at once what has changed in what this edge says of itself. */
  tell(): void;
  close(): Promise<void>;
}

export function createLease(ports: LeasePorts): HeldLease {
  const { relational, publisher, bus, replicaId, onUnknown, offer, clock, logger } = ports;
  const lease = new Lease({
    store: relational.leases,
    edgeId: replicaId,
    carryOut: (revocation) => publisher.carryOut(revocation),
    onUnknown,
    offer,
    isTold: () => bus.isShared && publisher.hearsOthers(),
    timings: defaultTimings,
    clock,
    logger,
  });
  const stopListening = bus.onInterrupted(() => lease.hurry());
  return {
    delivery: lease,
    start: () => lease.start(),
    tell: () => lease.hurry(),
    close: async () => {
      stopListening();
      await lease.close();
    },
  };
}
