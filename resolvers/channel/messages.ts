/** Channel.messages: a page of history. */
import type { GraphQLResolveInfo } from 'graphql';
import type { Channel } from '../../src/chat/channels/port.ts';
import type { MessagePage } from '../../src/chat/messages/connection.ts';
import { checkHistoryArgs, type HistoryArgs } from '../../src/chat/messages/page.ts';
import { type Context, viewerOf } from '../context.ts';
import { loadPeople } from '../message/people.ts';
import { headsOf } from './heads.ts';

/** Where both logs stand is read first: the page and its position are told from that. */
export async function messages(
  channel: Channel,
  args: HistoryArgs,
  context: Context,
  info: GraphQLResolveInfo,
): Promise<MessagePage> {
  checkHistoryArgs(args);
  const viewer = viewerOf(context);
  const { loaders, chat } = context;
  loaders.channels.prime(channel.id, channel);
  const [membership, heads] = await Promise.all([
    args.aroundUnread === true ? loaders.viewerMemberships.load(channel.id) : null,
    headsOf(channel, context),
  ]);
  const page = await chat.messages.page(viewer, channel.id, args, heads, membership?.checkpoint ?? null);
  await loadPeople(
    page.edges.map(({ node }) => node),
    context,
    info,
  );
  return page;
}
