/**
 * Repeats announcements that were cut short: by a crash between the transaction and the append, or by a message
 * store that did not answer. Every replica sweeps, at its own uneven pace; two that take the same row make one entry.
 */
import type { OutboxRow } from '../channels/port.ts';
import { ChatError } from '../errors.ts';
import type { Ports } from '../ports.ts';
import { type AnnouncePorts, announceRow } from './announcer.ts';

/** Rows younger than this are still being announced by the request that wrote them. */
const AGE_MS = 10_000;
const EVERY_MS = 15_000;
const BATCH = 100;

export interface SweeperPorts extends AnnouncePorts {
  readonly outbox: Ports['outbox'];
}

export interface Sweeper {
  /** One round. Returns how many rows it announced. Never throws. */
  sweep(): Promise<number>;
  /** Stops after the round under way. */
  close(): Promise<void>;
}

/**
 * A store that is away ends the round: it is not asked a hundred times. A row that it refuses must not keep the
 * others waiting.
 */
async function announceOrPassOver(ports: SweeperPorts, row: OutboxRow): Promise<boolean> {
  try {
    await announceRow(ports, row);
    return true;
  } catch (error) {
    if (!(error instanceof ChatError) || error.retryable) throw error;
    ports.logger.error({ err: error, row: row.id }, 'a change cannot be announced; it stays in the outbox');
    return false;
  }
}

/** Starts sweeping; whoever made it must close it. */
export function startSweeper(
  ports: SweeperPorts,
  options: { ageMs?: number; everyMs?: number } = {},
): Sweeper {
  const { ageMs = AGE_MS, everyMs = EVERY_MS } = options;
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;
  let round: Promise<number> | null = null;

  async function sweepOnce(): Promise<number> {
    let announced = 0;
    try {
      for (const row of await ports.outbox.due(ageMs, BATCH)) {
        if (isClosed) break;
        if (await announceOrPassOver(ports, row)) announced += 1;
      }
    } catch (error) {
      ports.logger.warn({ err: error, announced }, 'sweeping the outbox will go on later');
    }
    return announced;
  }

  function sweep(): Promise<number> {
    round ??= sweepOnce().finally(() => {
      round = null;
    });
    return round;
  }

  function schedule(): void {
    if (isClosed) return;
    // Between a half and one and a half times the pace, so that replicas drift apart.
    timer = setTimeout(() => void sweep().finally(schedule), everyMs * (0.5 + Math.random()));
    timer.unref();
  }
  schedule();

  return {
    sweep,
    async close() {
      isClosed = true;
      clearTimeout(timer);
      await round;
    },
  };
}
