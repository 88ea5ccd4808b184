/**
 * Somebody with one socket for everything that is theirs, as the contract asks of a client: before each connection it asks
 * where that should go, and it comes back with the newest cursor of each channel.
 */
import { Agent, request as httpRequest } from 'node:http';
import { comeBack, isAway } from '../e2e/coming-back.ts';

const EVENTS = `subscription Mine($after: [String!]) {
  events(after: $after) {
    __typename
    channelId
    cursor
    ... on MessagePosted { message { seq } }
    ... on Positions { positions { channelId cursor } }
  }
}`;

interface Mine {
  readonly events: {
    readonly __typename: string;
    readonly channelId: string | null;
    readonly cursor: string | null;
    readonly message?: { readonly seq: number };
    readonly positions?: readonly { readonly channelId: string; readonly cursor: string }[];
  };
}

export interface Resident {
  /** Numbers of the messages that came, in the order in which they came. */
  readonly seqs: readonly number[];
  /** What no client should ever see. */
  readonly wrong: readonly unknown[];
  readonly closeCodes: readonly number[];
  /** Where it is connected, or is about to be. */
  where(): string;
  /** How often a subscription has begun. */
  begun(): number;
  stop(): Promise<void>;
}

/** Thousands who ask at once share these connections: they stand for as many devices, and are one process. */
const agent = new Agent({ keepAlive: true, maxSockets: 100 });
const QUESTION = JSON.stringify({ query: '{ connectionEndpoint { url } }' });

/** Where this person's socket belongs. */
export async function endpointOf(api: string, token: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const asking = httpRequest(api, {
    agent,
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    timeout: 20_000,
  });
  asking.on('error', reject);
  asking.on('timeout', () => asking.destroy(new Error('no answer in time')));
  asking.on('response', (response) => {
    let text = '';
    response.on('data', (chunk: Buffer) => (text += chunk));
    response.on('error', reject);
    response.on('end', () => resolve(text));
  });
  asking.end(QUESTION);
  const answer: { data?: { connectionEndpoint: { url: string } } | null } = JSON.parse(await promise);
  if (!answer.data) throw new Error(`connectionEndpoint: ${JSON.stringify(answer)}`);
  return answer.data.connectionEndpoint.url;
}

/** @param api where it asks. Whoever starts one must stop it. */
export function reside(api: string, token: string): Resident {
  const cursors = new Map<string, string>();
  const seqs: number[] = [];
  const wrong: unknown[] = [];
  let begun = 0;
  let at = '';

  const take = ({ events: event }: Mine): void => {
    if (event.__typename === 'Ready') begun += 1;
    if (['HistorySkipped', 'PositionReset', 'ChannelDetached'].includes(event.__typename)) wrong.push(event);
    if (event.message !== undefined) seqs.push(event.message.seq);
    if (event.channelId !== null && event.cursor !== null) cursors.set(event.channelId, event.cursor);
    for (const { channelId, cursor } of event.positions ?? []) cursors.set(channelId, cursor);
  };
  const { closeCodes, stop } = comeBack<Mine>({
    url: async () => {
      at = await endpointOf(api, token);
      return at;
    },
    token,
    query: EVENTS,
    variables: () => ({ after: [...cursors.values()] }),
    take: ({ data, errors }) => {
      if (errors !== undefined && !(data === undefined && isAway(errors))) wrong.push(errors);
      else if (data) take(data);
    },
    refused: (errors) => {
      if (!isAway(errors)) wrong.push(errors);
    },
    pauseMs: [300, 1_500],
  });
  return { seqs, wrong, closeCodes, where: () => at, begun: () => begun, stop };
}
