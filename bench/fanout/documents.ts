/** What subscribers and publishers ask of every server that speaks GraphQL. */

/** What a message costs that is shown and no more. */
const PLAIN = `subscription Live($channelId: ID!) {
  channelEvents(channelId: $channelId) {
    __typename channelId cursor
    ... on MessagePosted { message { id seq text createdAt author { id handle name } } }
  }
}`;

/** One fragment for pages and events alike, as clients have it. `viewerHasReacted` differs from viewer to viewer. */
const WHOLE = `subscription Live($channelId: ID!) {
  channelEvents(channelId: $channelId) {
    __typename channelId cursor
    ... on MessagePosted { message { ...Whole } }
    ... on MessageUpdated { change message { ...Whole } }
  }
}
fragment Whole on Message {
  id seq text createdAt editedAt clientMessageId isPinned replyCount
  author { ...Person }
  mentions { kind start length user { ...Person } }
  reactions { id emoji count viewerHasReacted users(first: 3) { ...Person } }
  thread { id }
}
fragment Person on User { id handle name avatarUrl }`;

/** What shows with every message how much the viewer has not read: nobody is told the same. */
const MEMBERSHIP = `subscription Live($channelId: ID!) {
  channelEvents(channelId: $channelId) {
    __typename channelId cursor
    ... on MessagePosted {
      message {
        id seq text createdAt author { id handle name }
        channel { id viewerMembership { id isMuted checkpoint unreadCount } }
      }
    }
  }
}`;

export const documents = { plain: PLAIN, whole: WHOLE, membership: MEMBERSHIP } as const;
export type DocumentName = keyof typeof documents;

export const SEND = `mutation Send($input: SendMessageInput!) {
  sendMessage(input: $input) { isDuplicate message { id seq } }
}`;
export const EDIT = `mutation Edit($input: EditMessageInput!) {
  editMessage(input: $input) { message { id } }
}`;
export const REACT = `mutation React($input: ReactionInput!) {
  addReaction(input: $input) { message { id } }
}`;
export const CREATE = `mutation Create($input: CreateChannelInput!) {
  createChannel(input: $input) { channel { id } }
}`;
export const JOIN = `mutation Join($id: ID!) {
  joinChannel(input: { channelId: $id }) { membership { id } }
}`;

/** The frame that a subscriber of Backscroll gets for the plain document, for the server that knows of no frames. */
export const plainFrame = (channel: string, text: string): string =>
  JSON.stringify({
    type: 'next',
    payload: { data: { channelEvents: plainEvent(channel, text) } },
    id: '6f9619ff-8b86-4d01-b42d-00cf4fc964ff',
  });

/** The same without GraphQL's wrapping. */
export const plainEvent = (channel: string, text: string): object => ({
  __typename: 'MessagePosted',
  channelId: channel,
  cursor: 'AQAZMc9Qy3t0n7gB0aZ4cXbhAAABAAE'.padEnd(103, '-'),
  message: {
    id: 'TWVzc2FnZTowMTljZjUwYy1jYjdiLTc0OWYtYjgwMS1kMWE2Nzg3MTc2ZTE6MTIzNA',
    seq: 1234,
    text,
    createdAt: '2026-01-01T00:00:00.000Z',
    author: {
      id: 'VXNlcjowMTljZjUwYy1jYjdiLTc0OWYtYjgwMS1kMWE2Nzg3MTc2ZTE',
      handle: 'sender',
      name: 'sender',
    },
  },
});
