/**
 * What happens to a message after it was sent: its author edits it, a listener reacts and replies in its thread, and the
 * listener's subscription tells of each. Then the same is asked for as a client does that was away: what changed since?
 */
import { randomUUID } from 'node:crypto';
import { follow } from './follow.ts';
import { request, type Server } from './http.ts';
import { line } from './line.ts';
import { connect } from './live.ts';
import { Changed, Edit, Join, NewestMessages, React, Reply, Send, WhereAmI } from './operations.ts';

/** Returns what the listener was told, in order. */
export async function discuss(
  author: Server,
  listener: Server,
  say: (line: string) => void,
): Promise<readonly string[]> {
  const channel = (await request(author, WhereAmI, {})).channels.edges[0]?.node;
  if (channel === undefined) throw new Error('There is no public channel to talk in.');
  const channelId = channel.id;
  for (const person of [author, listener]) await request(person, Join, { channelId });
  const send = {
    channelId,
    text: 'Shall we met at nine?',
    clientMessageId: randomUUID(),
    basis: channel.head ?? 0,
  };
  const messageId = (await request(author, Send, send)).sendMessage.message.id;
  const page = (await request(listener, NewestMessages, { channelId })).channel?.messages;
  if (!page) throw new Error('The channel cannot be read at the moment.');

  // Named once and kept for every retry, like a send.
  const edit = { messageId, text: 'Shall we meet at nine?', clientChangeId: randomUUID() };
  await request(author, Edit, edit);
  await request(listener, React, { messageId, emoji: '👍' });
  const reply = {
    channelId,
    rootId: messageId,
    text: 'Ten suits me better.',
    clientMessageId: randomUUID(),
    basis: 0,
  };
  const { channel: thread } = (await request(listener, Reply, reply)).sendMessage.message;
  say(`the thread of "${thread.threadRoot?.text}" has ${thread.head} message`);

  const told: string[] = [];
  const live = connect(listener);
  try {
    // From the position that the page gave: what happened since is replayed, each changed message once.
    for await (const event of follow(live, channelId, page.position)) {
      if (event.__typename === 'MessageUpdated') told.push(`${event.change} ${line(event.message)}`);
      if (event.__typename === 'ReactionChanged')
        told.push(`${event.user.handle} ${event.emoji} ${event.count}`);
      // Live from here on.
      if (event.__typename === 'CaughtUp') break;
    }
  } finally {
    await live.dispose();
  }

  const changed = (await request(listener, Changed, { channelId, after: page.position })).channel;
  for (const { node } of changed?.changedMessages?.edges ?? []) say(line(node));
  return told;
}
