/** What one subscription is alerted of: as it happens, and what came while its client was away. */
import type { LiveEvent } from '../../chat/live/port.ts';
import type { Told } from '../../chat/notifications/port.ts';

/** Told at the beginning, the newest ones; the rest is in the list of notifications. */
export const MOST_MISSED = 100;
/** Threads whose alerts may wait for the client. */
const MOST_THREADS = 1_000;

type Notified = LiveEvent & { readonly type: 'Notified' };

export class SessionAlerts {
  /** What was told as missed: its alert may still be on its way. Before that, alerts that came while it was looked up. */
  #told: Set<string> | null = null;
  /** The channel of each thread that an alert came from: whoever leaves the one hears no more of the other. */
  #threads: Map<string, string> | null = null;
  /** When the subscription became live, by the clock that messages have their times from; null before. */
  #readyAt: number | null = null;

  /** The events that come right after Ready. */
  begin(missed: readonly Told[], now: number): readonly LiveEvent[] {
    this.#readyAt = now;
    const fresh = missed.filter((told) => !this.#wasTold(told.notification.id));
    for (const { notification } of fresh) this.#note(notification.id);
    return fresh.map((told) => this.#event(told, true));
  }

  /** Null for one that was told already. */
  event(told: Told): LiveEvent | null {
    const { id, createdAt } = told.notification;
    if (this.#wasTold(id)) return null;
    if (this.#readyAt === null) this.#note(id);
    return this.#event(told, this.#readyAt === null || createdAt.getTime() < this.#readyAt);
  }

  /** Threads of the channel that alerts have come from. */
  threadsOf(channelId: string): readonly string[] {
    return [...(this.#threads ?? [])].flatMap(([threadId, parentId]) =>
      parentId === channelId ? [threadId] : [],
    );
  }

  #wasTold(id: string): boolean {
    return this.#told?.has(id) ?? false;
  }

  #note(id: string): void {
    this.#told ??= new Set();
    this.#told.add(id);
  }

  #noteThread(threadId: string, parentId: string): void {
    this.#threads ??= new Map();
    if (this.#threads.has(threadId)) return;
    const [oldest] = this.#threads.keys();
    if (this.#threads.size >= MOST_THREADS && oldest !== undefined) this.#threads.delete(oldest);
    this.#threads.set(threadId, parentId);
  }

  #event({ notification, membershipId, parentId }: Told, isMissed: boolean): Notified {
    const { channelId } = notification;
    if (parentId !== null) this.#noteThread(channelId, parentId);
    return { type: 'Notified', channelId, cursor: null, notification, membershipId, isMissed };
  }
}
