/**
 * A subscription over HTTP (server-sent events): lives no longer than its token, ends when the person is shut
 * out, and counts among the person's connections like a WebSocket. It has no close codes: when a kept event cannot
 * be delivered whole the stream just ends, and the client comes back with its last cursors.
 */
import type { ExecutionResult } from 'graphql';
import type { Viewers } from '../auth/viewers.ts';
import type { Clock } from '../chat/clock.ts';
import { ChatError, rateLimited } from '../chat/errors.ts';
import type { Viewer } from '../chat/viewer.ts';
import type { ConnectionCount } from '../edge/connection-count.ts';
import type { Person } from '../edge/shut-out.ts';

const ASK_AGAIN_MS = 10_000;

type Results = AsyncIterableIterator<ExecutionResult>;

export interface StreamPorts {
  readonly viewers: Viewers;
  readonly connections: ConnectionCount;
  readonly clock: Clock;
  readonly askAgainMs?: number;
}

/** The streams open now. */
export class EventStreams {
  readonly #open = new Map<Results, Viewer>();
  readonly #ports: StreamPorts;

  constructor(ports: StreamPorts) {
    this.#ports = ports;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Keeps the stream under watch until it ends. Throws RATE_LIMITED when the person holds too many. */
  watch(results: Results, viewer: Viewer, token: string): Results {
    const { connections, viewers, clock, askAgainMs = ASK_AGAIN_MS } = this.#ports;
    if (!connections.enter(viewer)) {
      results.return?.();
      throw rateLimited('You hold too many connections.', 60_000);
    }
    const end = () => {
      if (!this.#open.delete(watched)) return;
      clearTimeout(asking);
      connections.leave(viewer);
    };
    const stop = () => {
      end();
      return results.return?.() ?? Promise.resolve({ done: true as const, value: undefined });
    };
    const ask = async (): Promise<void> => {
      // As sockets do; requests are answered a while longer, for clocks that differ.
      if (viewer.expiresAt <= clock.now()) return void stop();
      try {
        await viewers.of(token);
      } catch (error) {
        if (error instanceof ChatError && !error.retryable) return void stop();
      }
      if (this.#open.has(watched)) askLater();
    };
    let asking: NodeJS.Timeout | undefined;
    const askLater = (): void => {
      asking = setTimeout(
        () => void ask(),
        Math.min(askAgainMs, Math.max(1, viewer.expiresAt - clock.now())),
      );
    };
    const watched: Results = {
      [Symbol.asyncIterator]: () => watched,
      next: async () => {
        try {
          const step = await results.next();
          if (step.done) end();
          return step;
        } catch (error) {
          end();
          throw error;
        }
      },
      return: stop,
    };
    this.#open.set(watched, viewer);
    // At once: the person may have been shut out while the stream began.
    void ask();
    return watched;
  }

  /** Ends what the person has open. */
  shutOut({ organizationId, userId }: Person): void {
    for (const [results, viewer] of [...this.#open]) {
      if (viewer.userId === userId && viewer.tenant.organizationId === organizationId) results.return?.();
    }
  }

  /** Ends all of them. */
  close(): void {
    for (const results of [...this.#open.keys()]) results.return?.();
  }
}
