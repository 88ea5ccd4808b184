/** Query.node and Query.nodes: anything by its id, as far as the viewer may see it; null for the rest. */
import type { Channel, Membership } from '../../src/chat/channels/port.ts';
import { badInput } from '../../src/chat/errors.ts';
import { isUuid } from '../../src/chat/ids.ts';
import { limits } from '../../src/chat/limits.ts';
import type { Message } from '../../src/chat/messages/message.ts';
import type { Notification } from '../../src/chat/notifications/port.ts';
import type { Organization, User } from '../../src/chat/people/port.ts';
import { type Context, viewerOf } from '../context.ts';
import { decodeId, messageRefOf } from '../global-id.ts';

/** A thing that has an id, with the name of its type. */
export type Node =
  | (Organization & { readonly __typename: 'Organization' })
  | (User & { readonly __typename: 'User' })
  | (Channel & { readonly __typename: 'Channel' })
  | (Membership & { readonly __typename: 'Membership' })
  | (Message & { readonly __typename: 'Message' })
  | (Notification & { readonly __typename: 'Notification' });

async function messageNode(key: string, { loaders }: Context): Promise<Node | null> {
  const ref = messageRefOf(key);
  if ((await loaders.readable.load(ref.channelId)) === null) return null;
  const message = await loaders.messages.load(ref);
  return message && { ...message, __typename: 'Message' };
}

async function load(type: string, key: string, context: Context): Promise<Node | null> {
  const { loaders } = context;
  if (type === 'Message') return messageNode(key, context);
  if (type === 'Notification') {
    const notification = await loaders.notifications.load(key);
    return notification && { ...notification, __typename: type };
  }
  if (!isUuid(key)) throw badInput(`This is not the id of a ${type}.`);
  switch (type) {
    case 'Channel': {
      const place = await loaders.readable.load(key);
      return place && { ...place.channel, __typename: type };
    }
    case 'Membership': {
      const membership = await loaders.memberships.load(key);
      return membership && { ...membership, __typename: type };
    }
    case 'Organization': {
      const organization = await loaders.organizations.load(key);
      return organization && { ...organization, __typename: type };
    }
    case 'User': {
      const user = await loaders.users.load(key);
      return user && { ...user, __typename: type };
    }
    default:
      throw badInput(`A ${type} cannot be asked for by its id.`);
  }
}

export async function node(args: { readonly id: string }, context: Context): Promise<Node | null> {
  viewerOf(context);
  const { type, key } = decodeId(args.id);
  return load(type, key, context);
}

/** In the order asked; an id that is malformed has an error in its place, the others answer all the same. */
export function nodes(args: { readonly ids: readonly string[] }, context: Context): Promise<Node | null>[] {
  viewerOf(context);
  if (args.ids.length > limits.pageSize) throw badInput(`At most ${limits.pageSize} ids at once.`);
  return args.ids.map((id) => node({ id }, context));
}
