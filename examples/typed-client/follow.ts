/**
 * Everything that happens in a channel from a position on, once and in order, however often the connection is lost
 * and for however long.
 */
import type { Client } from 'graphql-ws';
import type { FollowSubscription } from './generated/graphql.ts';
import { subscribe } from './live.ts';
import { Follow } from './operations.ts';

type Event = FollowSubscription['channelEvents'];

/** Milliseconds to wait before a refused subscription is asked for again; null: it would be refused again. */
function waitFor(refusal: unknown, leastMs: number): number | null {
  if (!Array.isArray(refusal)) return null;
  const all = refusal.map(({ extensions }) => extensions ?? {});
  return all.every(({ retryable }) => retryable === true)
    ? Math.max(leastMs, ...all.map(({ retryAfterMs }) => Number(retryAfterMs ?? 0)))
    : null;
}

/** `after`: the `position` of a page, or the last event's cursor from the time before. */
export async function* follow(
  client: Pick<Client, 'subscribe'>,
  channelId: string,
  after: string,
  leastMs = 1_000,
): AsyncGenerator<Event> {
  let cursor = after;
  const variables = {
    channelId,
    // Read at each reconnection.
    get after() {
      return cursor;
    },
  };
  for (;;) {
    try {
      yield* followOnce();
      return;
    } catch (refusal) {
      const wait = waitFor(refusal, leastMs);
      if (wait === null) throw refusal;
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }

  async function* followOnce(): AsyncGenerator<Event> {
    const results = subscribe(client, Follow, variables, ({ channelEvents }) => {
      cursor = channelEvents.cursor ?? cursor;
    });
    for await (const { channelEvents } of results) yield channelEvents;
  }
}
