/**
 * A subscription client as the contract describes one: it keeps the newest cursor, and after any close hands it
 * back and goes on. It records every message in the order it came, so that a test can compare.
 */
import { comeBack, isAway } from './coming-back.ts';

export interface Follower {
  /** Numbers of the messages received, in the order received, over all connections. */
  readonly seqs: readonly number[];
  readonly texts: readonly string[];
  /** Results that carried errors: must stay empty. */
  readonly withErrors: readonly unknown[];
  readonly closeCodes: readonly number[];
  /** Resolves once the first Ready has come. */
  readonly ready: Promise<void>;
  /** Cuts the socket without a goodbye; the follower comes back by itself. */
  cut(): void;
  stop(): Promise<void>;
}

const FOLLOW = `subscription Follow($channelId: ID!, $after: String) {
  channelEvents(channelId: $channelId, after: $after) {
    __typename
    cursor
    ... on MessagePosted { message { seq text author { id handle name } channel { id head } } }
    ... on HistorySkipped { after before count }
    ... on Positions { positions { cursor } }
  }
}`;

interface FollowedEvent {
  readonly __typename: string;
  readonly cursor: string | null;
  readonly positions?: readonly { readonly cursor: string }[];
  readonly message?: {
    readonly seq: number;
    readonly text: string;
    readonly channel: { readonly head: number | null };
  };
}

/** Follows a channel on the replicas in turn, from `after` (null: from now on). */
export function follow(
  wsUrls: readonly string[],
  token: string,
  channelId: string,
  after: string | null,
): Follower {
  const seqs: number[] = [];
  const texts: string[] = [];
  const withErrors: unknown[] = [];
  const ready = Promise.withResolvers<void>();
  let cursor = after;

  const take = (event: FollowedEvent): void => {
    if (event.__typename === 'Ready') ready.resolve();
    if (event.__typename === 'HistorySkipped' || event.__typename === 'PositionReset') withErrors.push(event);
    if (event.message !== undefined) {
      if ((event.message.channel.head ?? 0) < event.message.seq) withErrors.push({ head: event });
      seqs.push(event.message.seq);
      texts.push(event.message.text);
    }
    // Whoever is cut before the first message comes back from where the channel stood.
    cursor = event.cursor ?? event.positions?.[0]?.cursor ?? cursor;
  };

  const { closeCodes, cut, stop } = comeBack<{ channelEvents: FollowedEvent }>({
    url: (turn) => wsUrls[turn % wsUrls.length] ?? '',
    token,
    query: FOLLOW,
    variables: () => ({ channelId, after: cursor }),
    take: (result) => {
      const { data, errors } = result;
      // A subscription that could not start (a store was down) is tried again; an event with errors never is.
      if (errors !== undefined && !(data === undefined && isAway(errors))) withErrors.push(result);
      else if (data) take(data.channelEvents);
    },
    refused: (errors) => {
      if (!isAway(errors)) withErrors.push(errors);
    },
    pauseMs: [100, 500],
  });
  return { seqs, texts, withErrors, closeCodes, ready: ready.promise, cut, stop };
}
