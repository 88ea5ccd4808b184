/**
 * Repeats announcements that were cut short: by a crash between the transaction and the append, or by a message
 * store that did not answer. Every replica sweeps, at its own uneven pace; two that take the same row make one entry.
 * Channels are swept each for itself, the order within one being the announcer's.
 */
import { ChatError } from '../errors.ts';
import type { ChannelKey } from '../log/port.ts';
import type { Ports } from '../ports.ts';
import { startRounds } from '../rounds.ts';
import { type AnnouncePorts, announceOpen } from './announcer.ts';

/** Rows younger than this are still being announced by the request that wrote them. */
const AGE_MS = 10_000;
const EVERY_MS = 15_000;
/** Channels of one round. */
const BATCH = 100;
/** A store that is away is not asked a hundred times: after so many channels the round ends. */
const FAILURES = 3;

export interface SweeperPorts extends AnnouncePorts {
  readonly outbox: Ports['outbox'];
  readonly awayCells?: Ports['awayCells'];
}

export interface Sweeper {
  /** One round. Returns how many rows it announced, of channels that did not fail. Never throws. */
  sweep(): Promise<number>;
  /** Stops after the round under way. */
  close(): Promise<void>;
}

/** The store answers, and does not take it: it says nothing about other channels. */
const isRefusal = (error: unknown): boolean => error instanceof ChatError && !error.retryable;

/** So that the same few channels that fail in every round do not end each before the others' turn. */
function startingAnywhere<T>(items: readonly T[]): readonly T[] {
  const start = Math.floor(Math.random() * items.length);
  return [...items.slice(start), ...items.slice(0, start)];
}

/** Starts sweeping; whoever made it must close it. */
export function startSweeper(
  ports: SweeperPorts,
  options: { ageMs?: number; everyMs?: number } = {},
): Sweeper {
  const { ageMs = AGE_MS, everyMs = EVERY_MS } = options;

  /** Everything open of one channel, until one of its rows fails: those behind it wait for the next round. */
  async function sweepChannel(channel: ChannelKey): Promise<number> {
    let total = 0;
    for (let isMore = true; isMore && !rounds.isClosed; ) {
      const done = await announceOpen(ports, channel);
      total += done.announced;
      isMore = done.isMore;
    }
    return total;
  }

  async function sweepOnce(): Promise<number> {
    let announced = 0;
    let failures = 0;
    try {
      for (const row of startingAnywhere(await ports.outbox.due(ageMs, BATCH, ports.awayCells?.()))) {
        if (rounds.isClosed || failures === FAILURES) break;
        try {
          announced += await sweepChannel(row);
        } catch (error) {
          if (isRefusal(error)) {
            ports.logger.error({ err: error, row: row.id }, 'a channel’s changes cannot be announced');
          } else {
            failures += 1;
            ports.logger.warn({ err: error, row: row.id }, 'sweeping this channel will go on later');
          }
        }
      }
    } catch (error) {
      ports.logger.warn({ err: error, announced }, 'sweeping the outbox will go on later');
    }
    return announced;
  }

  const rounds = startRounds(sweepOnce, everyMs);
  return { sweep: rounds.run, close: rounds.close };
}
