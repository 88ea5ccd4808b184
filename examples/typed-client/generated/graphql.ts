/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
export type MessageChange =
  | 'DELETED'
  | 'EDITED'
  | 'PINNED'
  /** In a replay: all that changed, folded into one event with the message as it is now. */
  | 'SEVERAL'
  /** A thread was opened under it or its reply count moved; at most once a second. Not replayed one by one. */
  | 'THREAD'
  | 'UNPINNED';

export type WhereAmIQueryVariables = Exact<{ [key: string]: never; }>;


export type WhereAmIQuery = { viewer: { user: { handle: string }, organization: { slug: string } }, channels: { edges: Array<{ node: { id: string, handle: string, head: number | null } }> } };

export type NewestMessagesQueryVariables = Exact<{
  channelId: string;
}>;


export type NewestMessagesQuery = { channel: { head: number | null, messages: { position: string, edges: Array<{ node: { id: string, seq: number, text: string, createdAt: string, editedAt: string | null, deletedAt: string | null, replyCount: number | null, author: { handle: string }, reactions: Array<{ emoji: string, count: number, viewerHasReacted: boolean }> } }> } | null } | null };

export type JoinMutationVariables = Exact<{
  channelId: string;
}>;


export type JoinMutation = { joinChannel: { membership: { id: string } } };

export type SendMutationVariables = Exact<{
  channelId: string;
  text: string;
  clientMessageId: string;
  basis: number;
}>;


export type SendMutation = { sendMessage: { isDuplicate: boolean, message: { id: string, seq: number, text: string, createdAt: string, editedAt: string | null, deletedAt: string | null, replyCount: number | null, author: { handle: string }, reactions: Array<{ emoji: string, count: number, viewerHasReacted: boolean }> } } };

export type FollowSubscriptionVariables = Exact<{
  channelId: string;
  after?: string | null | undefined;
}>;


export type FollowSubscription = { channelEvents:
    | { __typename: 'CaughtUp', cursor: string | null }
    | { __typename: 'ChannelDetached', cursor: string | null }
    | { __typename: 'ChannelUpdated', cursor: string | null }
    | { __typename: 'HistorySkipped', cursor: string | null }
    | { __typename: 'MemberJoined', cursor: string | null }
    | { __typename: 'MemberLeft', cursor: string | null }
    | { __typename: 'MembershipUpdated', cursor: string | null }
    | { __typename: 'MessagePosted', cursor: string | null, message: { id: string, seq: number, text: string, createdAt: string, editedAt: string | null, deletedAt: string | null, replyCount: number | null, author: { handle: string }, reactions: Array<{ emoji: string, count: number, viewerHasReacted: boolean }> } }
    | { __typename: 'MessageUpdated', change: MessageChange, cursor: string | null, message: { id: string, seq: number, text: string, createdAt: string, editedAt: string | null, deletedAt: string | null, replyCount: number | null, author: { handle: string }, reactions: Array<{ emoji: string, count: number, viewerHasReacted: boolean }> } }
    | { __typename: 'Notified', cursor: string | null }
    | { __typename: 'PositionReset', cursor: string | null }
    | { __typename: 'Positions', cursor: string | null }
    | { __typename: 'ReactionChanged', messageId: string, cursor: string | null, emoji: string, count: number, isAdded: boolean, user: { handle: string } }
    | { __typename: 'Ready', cursor: string | null }
    | { __typename: 'SessionExpiring', cursor: string | null }
    | { __typename: 'SignalSent', cursor: string | null }
    | { __typename: 'TypingStarted', cursor: string | null }
   };

export type ReactionNewsFragment = { emoji: string, count: number, isAdded: boolean, user: { handle: string } };

export type EditMutationVariables = Exact<{
  messageId: string;
  text: string;
  clientChangeId: string;
}>;


export type EditMutation = { editMessage: { message: { id: string, seq: number, text: string, createdAt: string, editedAt: string | null, deletedAt: string | null, replyCount: number | null, author: { handle: string }, reactions: Array<{ emoji: string, count: number, viewerHasReacted: boolean }> } } };

export type ReactMutationVariables = Exact<{
  messageId: string;
  emoji: string;
}>;


export type ReactMutation = { addReaction: { message: { id: string, seq: number, text: string, createdAt: string, editedAt: string | null, deletedAt: string | null, replyCount: number | null, author: { handle: string }, reactions: Array<{ emoji: string, count: number, viewerHasReacted: boolean }> } } };

export type ReplyMutationVariables = Exact<{
  channelId: string;
  rootId: string;
  text: string;
  clientMessageId: string;
  basis: number;
}>;


export type ReplyMutation = { sendMessage: { message: { id: string, seq: number, text: string, createdAt: string, editedAt: string | null, deletedAt: string | null, replyCount: number | null, channel: { id: string, head: number | null, threadRoot: { id: string, seq: number, text: string, createdAt: string, editedAt: string | null, deletedAt: string | null, replyCount: number | null, author: { handle: string }, reactions: Array<{ emoji: string, count: number, viewerHasReacted: boolean }> } | null }, author: { handle: string }, reactions: Array<{ emoji: string, count: number, viewerHasReacted: boolean }> } } };

export type ChangedQueryVariables = Exact<{
  channelId: string;
  after: string;
}>;


export type ChangedQuery = { channel: { changedMessages: { pageInfo: { hasNextPage: boolean, endCursor: string | null }, edges: Array<{ node: { id: string, seq: number, text: string, createdAt: string, editedAt: string | null, deletedAt: string | null, replyCount: number | null, author: { handle: string }, reactions: Array<{ emoji: string, count: number, viewerHasReacted: boolean }> } }> } | null } | null };

export type MessageLineFragment = { id: string, seq: number, text: string, createdAt: string, editedAt: string | null, deletedAt: string | null, replyCount: number | null, author: { handle: string }, reactions: Array<{ emoji: string, count: number, viewerHasReacted: boolean }> };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}
export const ReactionNewsFragmentDoc = new TypedDocumentString(`
    fragment ReactionNews on ReactionChanged {
  emoji
  count
  isAdded
  user {
    handle
  }
}
    `, {"fragmentName":"ReactionNews"}) as unknown as TypedDocumentString<ReactionNewsFragment, unknown>;
export const MessageLineFragmentDoc = new TypedDocumentString(`
    fragment MessageLine on Message {
  id
  seq
  text
  createdAt
  editedAt
  deletedAt
  replyCount
  author {
    handle
  }
  reactions {
    emoji
    count
    viewerHasReacted
  }
}
    `, {"fragmentName":"MessageLine"}) as unknown as TypedDocumentString<MessageLineFragment, unknown>;
export const WhereAmIDocument = new TypedDocumentString(`
    query WhereAmI {
  viewer {
    user {
      handle
    }
    organization {
      slug
    }
  }
  channels(first: 20) {
    edges {
      node {
        id
        handle
        head
      }
    }
  }
}
    `) as unknown as TypedDocumentString<WhereAmIQuery, WhereAmIQueryVariables>;
export const NewestMessagesDocument = new TypedDocumentString(`
    query NewestMessages($channelId: ID!) {
  channel(id: $channelId) {
    head
    messages(last: 20) {
      position
      edges {
        node {
          ...MessageLine
        }
      }
    }
  }
}
    fragment MessageLine on Message {
  id
  seq
  text
  createdAt
  editedAt
  deletedAt
  replyCount
  author {
    handle
  }
  reactions {
    emoji
    count
    viewerHasReacted
  }
}`) as unknown as TypedDocumentString<NewestMessagesQuery, NewestMessagesQueryVariables>;
export const JoinDocument = new TypedDocumentString(`
    mutation Join($channelId: ID!) {
  joinChannel(input: {channelId: $channelId}) {
    membership {
      id
    }
  }
}
    `) as unknown as TypedDocumentString<JoinMutation, JoinMutationVariables>;
export const SendDocument = new TypedDocumentString(`
    mutation Send($channelId: ID!, $text: String!, $clientMessageId: UUID!, $basis: Int!) {
  sendMessage(
    input: {channelId: $channelId, text: $text, clientMessageId: $clientMessageId, basis: $basis}
  ) {
    isDuplicate
    message {
      ...MessageLine
    }
  }
}
    fragment MessageLine on Message {
  id
  seq
  text
  createdAt
  editedAt
  deletedAt
  replyCount
  author {
    handle
  }
  reactions {
    emoji
    count
    viewerHasReacted
  }
}`) as unknown as TypedDocumentString<SendMutation, SendMutationVariables>;
export const FollowDocument = new TypedDocumentString(`
    subscription Follow($channelId: ID!, $after: String) {
  channelEvents(channelId: $channelId, after: $after) {
    __typename
    cursor
    ... on MessagePosted {
      message {
        ...MessageLine
      }
    }
    ... on MessageUpdated {
      change
      message {
        ...MessageLine
      }
    }
    ... on ReactionChanged {
      messageId
      ...ReactionNews
    }
  }
}
    fragment ReactionNews on ReactionChanged {
  emoji
  count
  isAdded
  user {
    handle
  }
}
fragment MessageLine on Message {
  id
  seq
  text
  createdAt
  editedAt
  deletedAt
  replyCount
  author {
    handle
  }
  reactions {
    emoji
    count
    viewerHasReacted
  }
}`) as unknown as TypedDocumentString<FollowSubscription, FollowSubscriptionVariables>;
export const EditDocument = new TypedDocumentString(`
    mutation Edit($messageId: ID!, $text: String!, $clientChangeId: UUID!) {
  editMessage(
    input: {messageId: $messageId, text: $text, clientChangeId: $clientChangeId}
  ) {
    message {
      ...MessageLine
    }
  }
}
    fragment MessageLine on Message {
  id
  seq
  text
  createdAt
  editedAt
  deletedAt
  replyCount
  author {
    handle
  }
  reactions {
    emoji
    count
    viewerHasReacted
  }
}`) as unknown as TypedDocumentString<EditMutation, EditMutationVariables>;
export const ReactDocument = new TypedDocumentString(`
    mutation React($messageId: ID!, $emoji: String!) {
  addReaction(input: {messageId: $messageId, emoji: $emoji}) {
    message {
      ...MessageLine
    }
  }
}
    fragment MessageLine on Message {
  id
  seq
  text
  createdAt
  editedAt
  deletedAt
  replyCount
  author {
    handle
  }
  reactions {
    emoji
    count
    viewerHasReacted
  }
}`) as unknown as TypedDocumentString<ReactMutation, ReactMutationVariables>;
export const ReplyDocument = new TypedDocumentString(`
    mutation Reply($channelId: ID!, $rootId: ID!, $text: String!, $clientMessageId: UUID!, $basis: Int!) {
  sendMessage(
    input: {channelId: $channelId, threadRootId: $rootId, text: $text, clientMessageId: $clientMessageId, basis: $basis}
  ) {
    message {
      ...MessageLine
      channel {
        id
        head
        threadRoot {
          ...MessageLine
        }
      }
    }
  }
}
    fragment MessageLine on Message {
  id
  seq
  text
  createdAt
  editedAt
  deletedAt
  replyCount
  author {
    handle
  }
  reactions {
    emoji
    count
    viewerHasReacted
  }
}`) as unknown as TypedDocumentString<ReplyMutation, ReplyMutationVariables>;
export const ChangedDocument = new TypedDocumentString(`
    query Changed($channelId: ID!, $after: String!) {
  channel(id: $channelId) {
    changedMessages(after: $after) {
      pageInfo {
        hasNextPage
        endCursor
      }
      edges {
        node {
          ...MessageLine
        }
      }
    }
  }
}
    fragment MessageLine on Message {
  id
  seq
  text
  createdAt
  editedAt
  deletedAt
  replyCount
  author {
    handle
  }
  reactions {
    emoji
    count
    viewerHasReacted
  }
}`) as unknown as TypedDocumentString<ChangedQuery, ChangedQueryVariables>;