/**
 * The composition root: with src/app/, the only place that names adapters. Things are opened in the order in which
 * they lean on each other (stores, bus, publisher, logs that tell it what they saved, live, chat, transports), put on
 * one stack, and closed from its top.
 */
import { randomUUID } from 'node:crypto';
import { openBus } from './app/bus.ts';
import { openCells } from './app/cells.ts';
import { endpointsOf, OwnOffer } from './app/endpoints.ts';
import { createLease } from './app/lease.ts';
import { checkPort } from './app/listen.ts';
import { openLogs } from './app/logs.ts';
import { measureDelivery } from './app/measured.ts';
import { probesOf } from './app/probes.ts';
import { openRates } from './app/rates.ts';
import { openSignIn } from './app/sign-in.ts';
import { holdDataFolder, openPeople, type StoreOptions } from './app/stores.ts';
import { tracingOf } from './app/tracing.ts';
import { openTransports } from './app/transports.ts';
import { createChat } from './chat/chat.ts';
import { systemClock } from './chat/clock.ts';
import { startEpochWatch } from './chat/epoch/watch.ts';
import { alwaysOpen } from './chat/live/port.ts';
import type { Logger } from './chat/logger.ts';
import type { Config } from './config/config.ts';
import { seedDemo } from './demo/seed.ts';
import { createConnectionRegistry } from './realtime/connections/registry.ts';
import { createLive } from './realtime/live.ts';
import { createPresence } from './realtime/presence/presence.ts';
import { createPublisher } from './realtime/publisher.ts';
import { Retained } from './realtime/retained.ts';
import { measuredRedis } from './telemetry/bus.ts';
import { CallsOf } from './telemetry/calls.ts';
import { LogMeasure } from './telemetry/log-stores.ts';
import { Meters } from './telemetry/meters.ts';

/** A server that takes requests. */
export interface App {
  /** `http://HOST:PORT`, with the port that was taken. */
  readonly url: string;
  /**
   * Is unready from now on, takes no more WebSockets, and closes those it has, evenly over DRAIN_SECONDS; requests are
   * answered as before. Resolves when that is over; `close` is what follows.
   */
  drain(): Promise<void>;
  /** Finishes what is under way, tells sockets to come back elsewhere, and lets go of everything. */
  close(): Promise<void>;
}

export type AppOptions = Omit<StoreOptions, 'logger'>;

/** Throws what is wrong, in words for the operator where they can help, with everything closed again. */
export async function startApp(config: Config, logger: Logger, options: AppOptions = {}): Promise<App> {
  await using opening = new AsyncDisposableStack();
  const closeLast = <T extends { close(): Promise<void> }>(opened: T): T => {
    opening.defer(() => opened.close());
    return opened;
  };
  for (const warning of config.warnings) logger.warn({}, warning);
  const clock = systemClock;
  const replicaId = randomUUID();
  const meters = new Meters();
  const tracing = await tracingOf(config, replicaId, logger);
  if (tracing !== null) closeLast(tracing);
  const telemetry = { meters, tracing };
  const ofDatabase = new CallsOf(telemetry, 'database', 'the database', []).of();
  const ofLogs = new LogMeasure(telemetry);

  opening.use(await holdDataFolder(config));
  await checkPort(config.server.host, config.server.port);
  const relational = closeLast(await openPeople(config, { ...options, watch: ofDatabase, logger }));
  const epochs = closeLast(await startEpochWatch({ cells: relational.cells, logger }));
  const logs = closeLast(
    await openCells(config, {
      ...options,
      organizations: relational.organizations,
      epochOf: (cell) => epochs.current(cell),
      known: () => epochs.cells(),
      measure: (cell, opened) => ofLogs.of(cell, opened),
      logger,
    }),
  );
  // A token's organization says which cell its logs are in.
  const organizations = logs.noting(relational.organizations);

  const { bus, ephemeral } = await openBus(config, relational, {
    clock,
    logger,
    measure: (opened) => measuredRedis(telemetry, opened),
  });
  closeLast(bus);
  closeLast(ephemeral);
  const isShared = config.stores.database.kind === 'postgres';
  const publisher = closeLast(
    createPublisher({ bus, replicaId, clock, logger, ...(isShared ? { leases: relational.leases } : {}) }),
  );
  const { messages, changes } = closeLast(
    openLogs({ stores: logs, bus, publisher, epochs, replicaId, clock, logger }),
  );
  const resuming: (() => void)[] = [];
  const onUnknown = () => {
    for (const resume of resuming) resume();
  };
  const isEdge = config.fleet.role !== 'api';
  const own = new OwnOffer();
  const offer = () => own.now();
  const lease =
    isShared && isEdge
      ? closeLast(createLease({ relational, publisher, bus, replicaId, onUnknown, offer, clock, logger }))
      : null;
  const endpoints = endpointsOf({ isShared, relational, publisher, bus, own, clock });
  const delivery = lease?.delivery ?? alwaysOpen;
  measureDelivery(meters, { bus, delivery });
  const connections = closeLast(createConnectionRegistry({ bus, replicaId, logger }));
  const presence = closeLast(createPresence({ bus, store: ephemeral, replicaId, logger }));
  const retained = new Retained({ store: ephemeral, logger });
  const { users, channels, memberships, outbox, notifications } = relational;
  const people = { organizations, users, channels, memberships, outbox, notifications };
  const kept = { ...people, messages, changes, projections: logs.projections };
  const live = closeLast(
    createLive({
      ...kept,
      bus,
      publisher,
      epochs,
      connections,
      retained,
      delivery,
      replicaId,
      isEdge,
      clock,
      logger,
    }),
  );
  resuming.push(() => live.resumeAll());
  await lease?.start();
  const { rates } = closeLast(await openRates(config, relational, logger));
  const chat = closeLast(
    createChat({
      ...kept,
      publisher,
      live,
      connections,
      endpoints,
      presence,
      retained,
      rates,
      awayCells: logs.away,
      clock,
      logger,
    }),
  );

  if (config.auth.mode === 'dev') await seedDemo({ chat, organizations, users, clock });
  rates.begin();
  const { viewers, devSignIn } = await openSignIn(config, { organizations, users, epochs, clock, logger });
  const transports = closeLast(
    await openTransports({
      config,
      chat,
      viewers,
      delivery,
      registry: connections,
      people: presence.connections,
      live: live.stats,
      ...telemetry,
      devSignIn,
      probes: probesOf(config, { relational, logs, bus, clock }),
      clock,
      logger,
    }),
  );

  live.onShutOut((person) => {
    viewers.shutOut(person);
    return transports.shutOut(person);
  });
  resuming.push(() => transports.resumeAll());

  own.begin(() => transports.offer());
  lease?.tell();

  const running = opening.move();
  let closing: Promise<void> | undefined;
  return {
    url: transports.url,
    drain: () => {
      const drained = transports.drain(config.fleet.drainMs);
      lease?.tell();
      return drained;
    },
    close: () => {
      closing ??= running.disposeAsync();
      return closing;
    },
  };
}
