/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
export type WhereAmIQueryVariables = Exact<{ [key: string]: never; }>;


export type WhereAmIQuery = { viewer: { user: { handle: string }, organization: { slug: string } }, channels: { edges: Array<{ node: { id: string, handle: string, head: number | null } }> } };

export type NewestMessagesQueryVariables = Exact<{
  channelId: string;
}>;


export type NewestMessagesQuery = { channel: { head: number | null, messages: { position: string, edges: Array<{ node: { seq: number, text: string, createdAt: string, author: { handle: string } } }> } | null } | null };

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


export type SendMutation = { sendMessage: { isDuplicate: boolean, message: { seq: number, text: string, createdAt: string, author: { handle: string } } } };

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
    | { __typename: 'MessagePosted', cursor: string | null, message: { seq: number, text: string, createdAt: string, author: { handle: string } } }
    | { __typename: 'MessageUpdated', cursor: string | null }
    | { __typename: 'PositionReset', cursor: string | null }
    | { __typename: 'Positions', cursor: string | null }
    | { __typename: 'ReactionChanged', cursor: string | null }
    | { __typename: 'Ready', cursor: string | null }
   };

export type MessageLineFragment = { seq: number, text: string, createdAt: string, author: { handle: string } };

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
export const MessageLineFragmentDoc = new TypedDocumentString(`
    fragment MessageLine on Message {
  seq
  text
  createdAt
  author {
    handle
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
  seq
  text
  createdAt
  author {
    handle
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
  seq
  text
  createdAt
  author {
    handle
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
  }
}
    fragment MessageLine on Message {
  seq
  text
  createdAt
  author {
    handle
  }
}`) as unknown as TypedDocumentString<FollowSubscription, FollowSubscriptionVariables>;