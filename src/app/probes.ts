/** What `/health/ready` asks. */
import type { Clock } from '../chat/clock.ts';
import type { Config } from '../config/config.ts';
import { PartDown, type Probe } from '../http/health.ts';
import type { Bus } from '../realtime/bus.ts';
import type { Relational } from '../stores/relational/open.ts';
import type { LogStores } from './cells.ts';

/** Times in logs of different replicas must agree: more than this apart, and a replica says that it is not fit. */
const MAX_CLOCK_OFFSET_MS = 5_000;

export function probesOf(
  config: Config,
  parts: {
    readonly relational: Pick<Relational, 'ping' | 'now'>;
    readonly logs: Pick<LogStores, 'ping' | 'cells'>;
    readonly bus: Pick<Bus, 'state'>;
    readonly clock: Clock;
  },
): readonly Probe[] {
  const { relational, logs, bus, clock } = parts;
  const isShared = config.stores.database.kind === 'postgres';
  return [
    { part: 'database', check: () => relational.ping() },
    // With several cells: up while any of them is.
    { part: 'messages', check: () => logs.ping() },
    ...(logs.cells.length > 1 ? logs.cells.map(cellProbe) : []),
    {
      part: 'bus',
      // Without it sends are saved and readers find them a little later: no reason to send anybody elsewhere.
      isOptional: true,
      check: async () => {
        if (bus.state() !== 'UP') throw new PartDown('not connected: live events come late until it is back');
      },
    },
    ...(isShared ? [{ part: 'clock', check: () => checkClock(relational, clock) }] : []),
  ];
}

/** The organizations of the other cells work without it. */
const cellProbe = (cell: LogStores['cells'][number]): Probe => ({
  part: `cell:${cell.name}`,
  isOptional: true,
  check: () => cell.ping(),
});

async function checkClock(relational: Pick<Relational, 'now'>, clock: Clock): Promise<void> {
  const before = clock.now();
  const theirs = await relational.now();
  const ours = (before + clock.now()) / 2;
  const seconds = (ours - theirs) / 1000;
  if (Math.abs(seconds) * 1000 <= MAX_CLOCK_OFFSET_MS) return;
  throw new PartDown(
    `the clock of this machine is ${Math.abs(seconds).toFixed(1)} s ${seconds > 0 ? 'ahead of' : 'behind'} the database's; set it right`,
  );
}
