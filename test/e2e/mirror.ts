/**
 * A client with a cache: it reads a channel once, then keeps its copy by events alone, over as many connections as it
 * takes, handing back its newest cursor each time. In the end the copy must be what the server shows.
 */
import { MESSAGE, type Read, readShown, type Shown, shown } from './changing.ts';
import { comeBack, isAway } from './coming-back.ts';
import { request } from './requests.ts';

export interface Mirror {
  /** The copy, oldest first. */
  copy(): Shown[];
  /** Types of the events that came, in order; MessageUpdated with its change. */
  readonly heard: readonly string[];
  /** Results that carried errors, and events that say something was missed: must stay empty. */
  readonly faults: readonly unknown[];
  readonly connections: () => number;
  readonly cursor: () => string;
  cut(): void;
  stop(): Promise<void>;
}

type Event = {
  readonly __typename: string;
  readonly cursor: string | null;
  readonly message?: Read;
  readonly change?: string;
  readonly messageId?: string;
  readonly emoji?: string;
  readonly count?: number;
};

const FOLLOW = `subscription ($channelId: ID!, $after: String!) { channelEvents(channelId: $channelId, after: $after) {
  __typename cursor
  ... on MessagePosted { message { ${MESSAGE} } }
  ... on MessageUpdated { change message { ${MESSAGE} } }
  ... on ReactionChanged { messageId emoji count }
} }`;

export async function mirror(
  urls: readonly { readonly url: string; readonly wsUrl: string }[],
  token: string,
  channelId: string,
): Promise<Mirror> {
  const first = urls[0];
  if (first === undefined) throw new Error('a mirror of nothing');
  const { channel } = await request<{ channel: { messages: { position: string } } }>(
    first.url,
    token,
    'query ($id: ID!) { channel(id: $id) { messages(last: 1) { position } } }',
    { id: channelId },
  );
  let cursor = channel.messages.position;
  const messages = new Map(
    (await readShown(first.url, token, channelId)).map((message) => [message.id, message]),
  );
  const heard: string[] = [];
  const faults: unknown[] = [];

  const take = (event: Event): void => {
    heard.push(event.change === undefined ? event.__typename : `${event.__typename} ${event.change}`);
    if (event.message !== undefined) messages.set(event.message.id, shown(event.message));
    if (event.__typename === 'ReactionChanged') react(event);
    if (event.__typename === 'HistorySkipped' || event.__typename === 'PositionReset') faults.push(event);
    cursor = event.cursor ?? cursor;
  };
  const react = ({ messageId = '', emoji = '', count = 0 }: Event): void => {
    const message = messages.get(messageId);
    if (message === undefined) {
      faults.push(`a reaction to ${messageId}, which is not there`);
      return;
    }
    const others = message.reactions.filter((reaction) => !reaction.startsWith(`${emoji} `));
    const reactions = count === 0 ? others : [...others, `${emoji} ${count}`].toSorted();
    messages.set(messageId, { ...message, reactions });
  };

  const { connections, cut, stop } = comeBack<{ channelEvents: Event }>({
    url: (turn) => urls[turn % urls.length]?.wsUrl ?? '',
    token,
    query: FOLLOW,
    variables: () => ({ channelId, after: cursor }),
    take: ({ data, errors }) => {
      // A subscription that could not start (a store was down) is tried again; an event with errors never is.
      if (errors !== undefined && !(data === undefined && isAway(errors))) faults.push(errors);
      else if (data) take(data.channelEvents);
    },
    refused: (errors) => {
      if (!isAway(errors)) faults.push(errors);
    },
    pauseMs: [50, 200],
  });

  return {
    copy: () => [...messages.values()].toSorted((a, b) => a.seq - b.seq),
    heard,
    faults,
    connections,
    cursor: () => cursor,
    cut,
    stop,
  };
}
