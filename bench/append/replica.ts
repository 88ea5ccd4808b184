/** A replica as a process of its own, put together as the server does it: log, publisher, appointments over the bus. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../src/chat/clock.ts';
import { type CreatedLog, createLog } from '../../src/chat/log/create-log.ts';
import type { MessageEntry } from '../../src/chat/log/entries.ts';
import { silentLogger } from '../../src/chat/logger.ts';
import { createAppointments } from '../../src/realtime/appointments.ts';
import { createPublisher } from '../../src/realtime/publisher.ts';
import { createRedisBus } from '../../src/realtime/redis/bus.ts';
import { type CassandraLogs, openCassandraLogs } from '../../src/stores/cassandra/open.ts';
import { keepInFlight, ownCpuMicros } from '../measure.ts';
import { logContender } from '../send/log.ts';
import type { BusAddress, Order, Report } from './replica-messages.ts';

interface Opened {
  readonly log: CreatedLog<MessageEntry>;
  close(): Promise<void>;
}

let opened: Opened | null = null;

const report = (said: Report): void => {
  process.send?.(said);
};

async function open({ url, bus: address, replicas }: Extract<Order, { kind: 'open' }>): Promise<void> {
  const logger = silentLogger;
  const logs = await openCassandraLogs({ url, allowPeriodicCommitlog: true, logger });
  opened = address === null ? alone(logs) : await together(logs, address, replicas);
  report({ kind: 'open' });
}

/** As a replica that has lost the bus. */
function alone(logs: CassandraLogs): Opened {
  const log = createLog<MessageEntry>({
    store: logs.messages,
    clock: systemClock,
    appointed: { forward: () => null, isDeaf: () => true },
    onAppended: () => undefined,
    logger: silentLogger,
  });
  return { log, close: () => log.close().then(() => logs.close()) };
}

async function together(logs: CassandraLogs, address: BusAddress, replicas: number): Promise<Opened> {
  const [logger, clock, replicaId] = [silentLogger, systemClock, randomUUID()];
  const bus = createRedisBus({ ...address, logger });
  const publisher = createPublisher({ bus, replicaId, clock, logger });
  const appointments = createAppointments({ bus, replicaId, replicas: () => publisher.heard(), logger });
  const log = createLog<MessageEntry>({
    store: logs.messages,
    clock,
    appointed: appointments,
    onAppended: (channel, rows) => publisher.messagesAppended(channel, rows),
    logger,
  });
  appointments.serve(log);
  while (publisher.heard().length < replicas) await sleep(50);
  return {
    log,
    async close() {
      for (const open of [log, appointments, publisher, bus, logs]) await open.close();
    },
  };
}

async function run({ channels, inFlight, seconds }: Extract<Order, { kind: 'run' }>): Promise<void> {
  if (opened === null) throw new Error('open comes first');
  const contender = logContender('log', opened.log, channels);
  const before = ownCpuMicros();
  const { latencies, elapsed } = await keepInFlight(
    contender,
    inFlight,
    seconds,
    new AbortController().signal,
  );
  report({ kind: 'ran', latencies, seconds: elapsed, cpuMicros: ownCpuMicros() - before });
}

async function close(): Promise<void> {
  await opened?.close();
  process.disconnect();
}

process.on('message', (order: Order) => {
  const doing = order.kind === 'open' ? open(order) : order.kind === 'run' ? run(order) : close();
  doing.catch((error: unknown) => report({ kind: 'failed', why: String(error) }));
});
// Whoever gave the orders is gone.
process.on('disconnect', () => process.exit());
