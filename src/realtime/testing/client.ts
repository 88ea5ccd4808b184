/**
 * A client as the contract wants it: it keeps the newest cursor of each channel and nothing more, comes back with
 * those after every break, on any replica, and notes all it was told.
 */
import type { LiveEvent } from '../../chat/live/port.ts';
import type { Viewer } from '../../chat/viewer.ts';
import type { Live } from '../live-parts.ts';

export interface Client {
  /** By channel, everything told of it, in order. */
  readonly told: Map<string, LiveEvent[]>;
  readonly cursors: Map<string, string>;
  readonly breaks: number;
  stop(): Promise<void>;
}

export interface ClientOptions {
  readonly viewer: Viewer;
  /** Where to connect next. */
  readonly live: () => Live;
  /** Events to take before breaking off without a word. */
  readonly patience: () => number;
  /** How long an event takes the client. */
  readonly pace: () => Promise<void>;
  /** What an event is shown with, read before the next is taken. */
  readonly show?: (event: LiveEvent) => Promise<void>;
}

export function startClient({ viewer, live, patience, pace, show }: ClientOptions): Client {
  const told = new Map<string, LiveEvent[]>();
  const cursors = new Map<string, string>();
  let isStopped = false;
  let breaks = 0;
  let open: AsyncIterableIterator<LiveEvent> | null = null;

  const note = (event: LiveEvent): void => {
    if (event.type === 'Positions') for (const p of event.positions) cursors.set(p.channelId, p.cursor);
    if (event.channelId === null) return;
    told.set(event.channelId, [...(told.get(event.channelId) ?? []), event]);
    if (event.cursor !== null) cursors.set(event.channelId, event.cursor);
    if (event.type === 'MembershipUpdated' && event.position !== null)
      cursors.set(event.channelId, event.position);
    if (event.type === 'ChannelDetached') cursors.delete(event.channelId);
  };

  const connect = async (): Promise<void> => {
    const options = { after: [...cursors.values()], replayLimit: 1_000, connectionId: viewer.userId };
    open = await live().events(viewer, options);
    let left = patience();
    for await (const event of open) {
      // An event that could not be shown was not delivered: its cursor does not count.
      await show?.(event);
      note(event);
      await pace();
      left -= 1;
      if (left <= 0 || isStopped) return;
    }
  };

  const run = async (): Promise<void> => {
    while (!isStopped) {
      // UNAVAILABLE, a slow consumer's end, a restart: the client comes back.
      await connect().catch(() => new Promise((resolve) => setTimeout(resolve, 5)));
      breaks += 1;
    }
  };
  const ended = run();
  return {
    told,
    cursors,
    get breaks() {
      return breaks;
    },
    async stop() {
      isStopped = true;
      await open?.return?.();
      await ended;
    },
  };
}
