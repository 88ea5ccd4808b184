/** What depth costs: pages near the head and pages ten million messages before it, in turn; and opening the channel. */

import { systemClock } from '../../src/chat/clock.ts';
import { createLog } from '../../src/chat/log/create-log.ts';
import type { MessageEntry } from '../../src/chat/log/entries.ts';
import type { LogStore } from '../../src/chat/log/port.ts';
import { CountingStore } from '../../src/chat/log/testing/counting-store.ts';
import { silentLogger } from '../../src/chat/logger.ts';
import { type Contender, compare, ownCpuMicros, type Result } from '../measure.ts';
import { channel, timeOf } from './row.ts';

const PAGE = 50;
/** Pages begin at any of so many places: not one row that is always at hand. */
const SPREAD = 5_000;
const DATES = 200;

export interface Depth {
  readonly near: Result;
  readonly far: Result;
  /** Store calls: to open the channel, for a number, and the most for any of many dates. */
  readonly calls: { readonly open: number; readonly number: number; readonly date: number };
}

export async function measureDepth(
  store: LogStore<MessageEntry>,
  messages: number,
  course: {
    readonly rounds: number;
    readonly seconds: number;
    readonly signal: AbortSignal;
    onRound(name: string): void;
  },
): Promise<Depth> {
  const counting = new CountingStore(store);
  const log = createLog({
    store: counting,
    clock: systemClock,
    logger: silentLogger,
    onAppended: () => undefined,
  });
  const calls = async (reading: Promise<unknown>): Promise<number> => {
    await reading;
    const made = Object.values(counting.calls).reduce((sum, n) => sum + n, 0);
    counting.calls = {};
    return made;
  };
  /** A page that ends at most SPREAD before `newest`. */
  const page = (name: string, newest: number): Contender => ({
    name,
    cpuMicros: ownCpuMicros,
    async send() {
      const to = newest - Math.floor(Math.random() * SPREAD);
      const rows = await log.range(channel, to - PAGE + 1, to);
      if (rows.length !== PAGE || rows.at(-1)?.seq !== to)
        throw new Error(`a page before ${to} has ${rows.length} rows`);
    },
  });
  try {
    const [head] = await log.heads([channel]);
    if (head !== messages) throw new Error(`the channel has ${head} messages, not ${messages}`);
    counting.calls = {};
    const open = await calls(log.heads([channel]));
    const number = await calls(log.rows([{ channel, seq: Math.floor(messages / 3) }]));
    let date = 0;
    for (let i = 0; i < DATES; i++) {
      const seq = 1 + Math.floor(Math.random() * messages);
      date = Math.max(
        date,
        await calls(
          log.lastBefore(channel, timeOf(seq)).then((found) => {
            if (found !== seq - 1) throw new Error(`${found} was before the time of ${seq}`);
          }),
        ),
      );
    }
    const [near, far] = await compare(
      [page('near the head', messages - 10), page('at the beginning', SPREAD + PAGE)],
      1,
      {
        rounds: course.rounds,
        secondsPerRound: course.seconds,
        signal: course.signal,
        onRound: course.onRound,
      },
    );
    if (near === undefined || far === undefined) throw new Error('two were compared');
    return { near, far, calls: { open, number, date } };
  } finally {
    await log.close();
  }
}
