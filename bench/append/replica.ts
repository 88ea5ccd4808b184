/** A replica as a process of its own: its own driver, its own log, nothing shared with the others but the store. */
import { silentLogger } from '../../src/chat/logger.ts';
import { type CassandraLogs, openCassandraLogs } from '../../src/stores/cassandra/open.ts';
import { keepInFlight, ownCpuMicros } from '../measure.ts';
import { logContender, openLog } from '../send/log.ts';
import type { Order, Report } from './replica-messages.ts';

type Log = ReturnType<typeof openLog>;

let opened: { readonly logs: CassandraLogs; readonly log: Log } | null = null;

const report = (said: Report): void => {
  process.send?.(said);
};

async function open(url: string): Promise<void> {
  const logs = await openCassandraLogs({ url, allowPeriodicCommitlog: true, logger: silentLogger });
  opened = { logs, log: openLog(logs.messages) };
  report({ kind: 'open' });
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
  await opened?.log.close();
  await opened?.logs.close();
  process.disconnect();
}

process.on('message', (order: Order) => {
  const doing = order.kind === 'open' ? open(order.url) : order.kind === 'run' ? run(order) : close();
  doing.catch((error: unknown) => report({ kind: 'failed', why: String(error) }));
});
// Whoever gave the orders is gone.
process.on('disconnect', () => process.exit());
