/** Someone of one organization who tries the doors of another's channel, all the time: most of all when something is broken. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { anyOf, type Recorder } from '../recorder.ts';

const TRY_MS = 400;

const doors: readonly (readonly [what: string, query: string, variables: (id: string) => object])[] = [
  [
    'channel',
    'query ($id: ID!) { found: channel(id: $id) { name head messages { totalCount } } }',
    (id) => ({ id }),
  ],
  ['node', 'query ($id: ID!) { found: node(id: $id) { id ... on Channel { name } } }', (id) => ({ id })],
  [
    'sendMessage',
    'mutation ($input: SendMessageInput!) { found: sendMessage(input: $input) { message { seq } } }',
    (id) => ({ input: { channelId: id, text: 'from elsewhere', clientMessageId: randomUUID() } }),
  ],
  [
    'joinChannel',
    'mutation ($input: ChannelInput!) { found: joinChannel(input: $input) { membership { id } } }',
    (id) => ({ input: { channelId: id } }),
  ],
  [
    'markRead',
    'mutation ($input: MarkReadInput!) { found: markRead(input: $input) { membership { id } } }',
    (id) => ({ input: { channelId: id, seq: 1 } }),
  ],
];

/** @param channelIds of the other organization; those there are by then. */
export async function trespass(
  stop: AbortSignal,
  urls: readonly string[],
  token: string,
  channelIds: readonly string[],
  recorder: Recorder,
): Promise<void> {
  while (!stop.aborted) {
    const [what, query, variables] = anyOf(doors);
    const { data, ...tried } = await recorder.ask<{ found: unknown }>(
      anyOf(urls),
      token,
      query,
      variables(anyOf(channelIds)),
    );
    const isNothing = tried.code === 'OK' && data?.found === null;
    recorder.trespasses.push({ what, outcome: isNothing ? 'NOTHING' : tried.code });
    // In time it must be too; that it is refused is what is expected.
    recorder.requests.push({ what, ...tried, code: tried.code === 'NOT_FOUND' ? 'OK' : tried.code });
    await sleep(Math.random() * 2 * TRY_MS);
  }
}
