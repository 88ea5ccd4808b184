/**
 * A listener as the contract asks for one: it keeps the newest cursor, comes back with it after every close, and pages
 * through what HistorySkipped says was too much to replay.
 */
import { comeBack, isAway } from '../../e2e/coming-back.ts';
import type { Heard } from '../history.ts';
import type { Recorder } from '../recorder.ts';

const LISTEN = `subscription Listen($channelId: ID!, $after: String) {
  channelEvents(channelId: $channelId, after: $after) {
    __typename
    cursor
    ... on MessagePosted { message { seq text channel { head } } }
    ... on HistorySkipped { after before }
    ... on Positions { positions { cursor } }
  }
}`;
const BETWEEN = `query Between($id: ID!, $after: String!, $before: String!) {
  channel(id: $id) { messages(first: 200, after: $after, before: $before) {
    edges { node { seq text } } pageInfo { hasNextPage endCursor }
  } }
}`;

interface Told {
  readonly seq: number;
  readonly text: string;
}
interface ListenedEvent {
  readonly __typename: string;
  readonly cursor: string | null;
  readonly positions?: readonly { readonly cursor: string }[];
  readonly after?: string;
  readonly before?: string;
  readonly message?: Told & { readonly channel: { readonly head: number | null } };
}
interface Page {
  readonly channel: {
    readonly messages: {
      readonly edges: readonly { readonly node: Told }[];
      readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
    };
  };
}

export interface Listener {
  /** Resolves once the first Ready has come. */
  readonly ready: Promise<void>;
  /** Number of the newest message heard. */
  newest(): number;
  connections(): number;
  /** Falls asleep, and wakes up again: its socket is not read meanwhile. */
  stall(): void;
  awake(): void;
  heard(): Promise<Heard>;
  stop(): Promise<void>;
}

export function listen(
  name: string,
  channelId: string,
  token: string,
  at: { readonly urls: readonly string[]; readonly wsUrls: readonly string[] },
  recorder: Recorder,
): Listener {
  /** In the order in which they came: what was skipped stands where it was said to be. */
  const parts: (Told | Promise<readonly Told[]>)[] = [];
  const faults: unknown[] = [];
  const ready = Promise.withResolvers<void>();
  let cursor: string | null = null;
  let newest = 0;

  const between = async (after: string, before: string): Promise<readonly Told[]> => {
    const told: Told[] = [];
    for (let from = after; ; ) {
      const { channel } = await recorder.untilAnswered<Page>('what was skipped', at.urls, token, BETWEEN, {
        id: channelId,
        after: from,
        before,
      });
      const { edges, pageInfo } = channel.messages;
      told.push(...edges.map(({ node }) => node));
      if (!pageInfo.hasNextPage) return told;
      from = pageInfo.endCursor;
    }
  };
  const take = (event: ListenedEvent): void => {
    const { message } = event;
    if (event.__typename === 'Ready') ready.resolve();
    if (event.__typename === 'PositionReset') faults.push(event);
    if (event.after !== undefined && event.before !== undefined) {
      const skipped = between(event.after, event.before);
      // Asked for in the end.
      skipped.catch(() => undefined);
      parts.push(skipped);
    }
    if (message !== undefined) {
      if ((message.channel.head ?? message.seq) < message.seq)
        faults.push({ 'head below its message': event });
      parts.push({ seq: message.seq, text: message.text });
      newest = Math.max(newest, message.seq);
    }
    // Whoever is cut before the first message comes back from where the channel stood.
    cursor = event.cursor ?? event.positions?.[0]?.cursor ?? cursor;
  };
  const { closeCodes: _, ...connection } = comeBack<{ channelEvents: ListenedEvent }>({
    url: (turn) => at.wsUrls[turn % at.wsUrls.length] ?? '',
    token,
    query: LISTEN,
    variables: () => ({ channelId, after: cursor }),
    take: ({ data, errors }) => {
      // A subscription that could not start (a store was down) is tried again; an event with errors never is.
      if (errors !== undefined && !(data === undefined && isAway(errors))) faults.push({ data, errors });
      else if (data) take(data.channelEvents);
    },
    refused: (errors) => {
      if (!isAway(errors)) faults.push(errors);
    },
    pauseMs: [100, 500],
  });

  return {
    ready: ready.promise,
    newest: () => newest,
    ...connection,
    heard: async () => ({ name, faults, messages: await inOrder(parts) }),
  };
}

/** What was skipped is told again to whoever was cut while paging: only that may be known already. */
async function inOrder(parts: readonly (Told | Promise<readonly Told[]>)[]): Promise<Told[]> {
  const messages: Told[] = [];
  for (const part of parts) {
    if ('seq' in part) messages.push(part);
    else for (const told of await part) if (told.seq > (messages.at(-1)?.seq ?? 0)) messages.push(told);
  }
  return messages;
}
