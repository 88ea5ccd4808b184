/**
 * A query, a subscription and a mutation in one walk: find a channel, read its newest messages, follow it from the
 * position that page gave, send a message, and hear of it. Nothing sent between the page and the subscription is missed.
 */
import { randomUUID } from 'node:crypto';
import { follow } from './follow.ts';
import type { MessageLineFragment } from './generated/graphql.ts';
import { request, type Server } from './http.ts';
import { line } from './line.ts';
import { connect } from './live.ts';
import { Join, NewestMessages, Send, WhereAmI } from './operations.ts';

/** `speaker` says a text; returns it as `listener` heard it. */
export async function talk(
  speaker: Server,
  listener: Server,
  text: string,
  say: (line: string) => void,
): Promise<MessageLineFragment> {
  const { viewer, channels } = await request(speaker, WhereAmI, {});
  const channel = channels.edges[0]?.node;
  if (channel === undefined) throw new Error('There is no public channel to talk in.');
  say(`${viewer.user.handle} of ${viewer.organization.slug} speaks in #${channel.handle}`);
  await request(speaker, Join, { channelId: channel.id });

  const page = (await request(listener, NewestMessages, { channelId: channel.id })).channel;
  if (!page?.messages) throw new Error('The channel cannot be read at the moment.');
  for (const { node } of page.messages.edges) say(line(node));

  // Made once and kept for every retry: a repeat never makes a second message.
  const send = { channelId: channel.id, text, clientMessageId: randomUUID(), basis: page.head ?? 0 };
  const sent = (await request(speaker, Send, send)).sendMessage.message;
  const repeat = (await request(speaker, Send, send)).sendMessage;
  say(`sent as message ${sent.seq}; the repeat is a duplicate: ${repeat.isDuplicate}`);

  const live = connect(listener);
  try {
    for await (const event of follow(live, channel.id, page.messages.position)) {
      if (event.__typename === 'MessagePosted' && event.message.seq === sent.seq) return event.message;
    }
    throw new Error('The subscription ended before the message came.');
  } finally {
    await live.dispose();
  }
}
