/**
 * The part of Backscroll's schema that the GraphQL peers serve: the same fields by the same names, so that the same
 * documents run on all. Messages are kept in memory only; what an event holds is whole when it is published, so that
 * a peer looks nothing up to render it.
 */
import { randomUUID } from 'node:crypto';

export const typeDefs = /* GraphQL */ `
  type User { id: ID! handle: String! name: String! avatarUrl: String }
  enum MentionKind { USER CHANNEL HERE }
  type Mention { kind: MentionKind! user: User start: Int! length: Int! }
  type Reaction { id: ID! emoji: String! count: Int! users(first: Int): [User!]! viewerHasReacted: Boolean! }
  type Membership { id: ID! isMuted: Boolean! checkpoint: Int! unreadCount: Int }
  type Channel { id: ID! name: String! viewerMembership: Membership }
  type Message {
    id: ID!
    seq: Int!
    author: User!
    channel: Channel!
    text: String!
    createdAt: String!
    editedAt: String
    deletedAt: String
    clientMessageId: ID
    mentions: [Mention!]!
    reactions: [Reaction!]!
    isPinned: Boolean!
    thread: Channel
    replyCount: Int
  }
  interface Event { channelId: ID cursor: String }
  type MessagePosted implements Event { channelId: ID cursor: String message: Message! }
  enum MessageChange { EDITED }
  type MessageUpdated implements Event { channelId: ID cursor: String message: Message! change: MessageChange! }
  input SendMessageInput { channelId: ID! text: String! clientMessageId: ID }
  input EditMessageInput { messageId: ID! text: String! }
  input ReactionInput { messageId: ID! emoji: String! }
  type SendMessagePayload { message: Message! isDuplicate: Boolean! }
  type MessagePayload { message: Message! }
  type Query { viewer: User! }
  type Mutation {
    sendMessage(input: SendMessageInput!): SendMessagePayload!
    editMessage(input: EditMessageInput!): MessagePayload!
    addReaction(input: ReactionInput!): MessagePayload!
  }
  type Subscription { channelEvents(channelId: ID!): Event! }
`;

export interface User {
  readonly id: string;
  readonly handle: string;
  readonly name: string;
  readonly avatarUrl: null;
}

export interface Message {
  readonly id: string;
  readonly channelId: string;
  readonly seq: number;
  readonly author: User;
  readonly text: string;
  readonly createdAt: string;
  readonly editedAt: string | null;
  readonly clientMessageId: string | null;
  readonly mentions: readonly never[];
  readonly reactions: readonly {
    readonly id: string;
    readonly emoji: string;
    readonly users: readonly User[];
  }[];
  readonly isPinned: boolean;
}

/** As it goes over Redis. */
export interface Event {
  readonly __typename: 'MessagePosted' | 'MessageUpdated';
  readonly channelId: string;
  readonly cursor: string;
  readonly message: Message;
  readonly change?: 'EDITED';
}

export interface Context {
  /** Who asks; the tokens of the benchmark are names, and believed. */
  readonly viewer: User;
  publish(channelId: string, event: Event): Promise<unknown>;
}

interface Input<Fields> {
  readonly input: Fields;
}

/** As long as Backscroll's. */
const idOf = (text: string): string => Buffer.from(text).toString('base64url');
const cursorOf = (channelId: string, seq: number): string => idOf(`${channelId}:0:${seq}:0`);

const users = new Map<string, User>();

export function userOf(handle: string): User {
  const known = users.get(handle);
  if (known !== undefined) return known;
  const user = { id: idOf(`User:${randomUUID()}`), handle, name: handle, avatarUrl: null };
  users.set(handle, user);
  return user;
}

/** The newest number of each channel, and the messages that were reacted to. */
const heads = new Map<string, number>();
const kept = new Map<string, Message>();
/** Whatever may be changed yet; older messages are forgotten. */
const MOST_KEPT = 1_000;

function keep(message: Message): void {
  kept.set(message.id, message);
  const [oldest] = kept.keys();
  if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
}

function find(id: string): Message {
  const message = kept.get(id);
  if (message === undefined) throw new Error('there is no such message');
  return message;
}

const eventOf = (__typename: Event['__typename'], message: Message): Event => ({
  __typename,
  channelId: message.channelId,
  cursor: cursorOf(message.channelId, message.seq),
  message,
});

export function numbered(
  { channelId, text, clientMessageId }: { channelId: string; text: string; clientMessageId?: string },
  author: User,
): Message {
  const seq = (heads.get(channelId) ?? 0) + 1;
  heads.set(channelId, seq);
  return {
    id: idOf(`Message:${channelId}:${seq}`),
    channelId,
    seq,
    author,
    text,
    createdAt: new Date().toISOString(),
    editedAt: null,
    clientMessageId: clientMessageId ?? null,
    mentions: [],
    reactions: [],
    isPinned: false,
  };
}

export const mutations = {
  async sendMessage(
    _: unknown,
    { input }: Input<{ channelId: string; text: string; clientMessageId?: string }>,
    { viewer, publish }: Context,
  ) {
    const message = numbered(input, viewer);
    keep(message);
    await publish(input.channelId, eventOf('MessagePosted', message));
    return { message, isDuplicate: false };
  },
  async editMessage(_: unknown, { input }: Input<{ messageId: string; text: string }>, { publish }: Context) {
    const message = { ...find(input.messageId), text: input.text, editedAt: new Date().toISOString() };
    keep(message);
    await publish(message.channelId, { ...eventOf('MessageUpdated', message), change: 'EDITED' });
    return { message };
  },
  async addReaction(
    _: unknown,
    { input: { messageId, emoji } }: Input<{ messageId: string; emoji: string }>,
    { viewer }: Context,
  ) {
    const found = find(messageId);
    const reaction = found.reactions.find((one) => one.emoji === emoji);
    const others = found.reactions.filter((one) => one.emoji !== emoji);
    const by = [...(reaction?.users ?? []), viewer];
    const message = {
      ...found,
      reactions: [...others, { id: idOf(`${messageId}:${emoji}`), emoji, users: by }],
    };
    keep(message);
    return { message };
  },
};

export const fields = {
  Query: { viewer: (_: unknown, __: unknown, { viewer }: Context) => viewer },
  Event: { __resolveType: (event: Event) => event.__typename },
  Message: { channel: ({ channelId }: Message) => ({ id: channelId, name: channelId }) },
  Channel: {
    /** Everybody is a member, and has read nothing yet. */
    viewerMembership: ({ id }: { id: string }, _: unknown, { viewer }: Context) => ({
      id: `${id}:${viewer.id}`,
      isMuted: false,
      checkpoint: 0,
      unreadCount: heads.get(id) ?? 0,
    }),
  },
  Reaction: {
    count: ({ users }: Message['reactions'][number]) => users.length,
    users: ({ users }: Message['reactions'][number], { first }: { first?: number }) =>
      users.slice(0, first ?? 3),
    viewerHasReacted: ({ users }: Message['reactions'][number], _: unknown, { viewer }: Context) =>
      users.some(({ id }) => id === viewer.id),
  },
};

export const topicOf = (channelId: string): string => `channel.${channelId}`;

/** `Bearer NAME`. */
export const viewerIn = (authorization: unknown): User =>
  userOf(typeof authorization === 'string' ? authorization.replace(/^Bearer /, '') : 'nobody');
