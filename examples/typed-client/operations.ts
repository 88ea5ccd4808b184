/** What this client asks for. `npm run codegen` reads these documents and makes their types (generated/). */
import { graphql } from './generated/gql.ts';

/** The viewer and the channels they could talk in. */
export const WhereAmI = graphql(`
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
`);

/** The newest messages of a channel, and the position to follow it from. */
export const NewestMessages = graphql(`
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
`);

export const Join = graphql(`
  mutation Join($channelId: ID!) {
    joinChannel(input: { channelId: $channelId }) {
      membership {
        id
      }
    }
  }
`);

/** Safe to repeat: `clientMessageId` names the send, `basis` says how far back an earlier copy may lie. */
export const Send = graphql(`
  mutation Send($channelId: ID!, $text: String!, $clientMessageId: UUID!, $basis: Int!) {
    sendMessage(
      input: { channelId: $channelId, text: $text, clientMessageId: $clientMessageId, basis: $basis }
    ) {
      isDuplicate
      message {
        ...MessageLine
      }
    }
  }
`);

/** Everything that happens in a channel from a position on. */
export const Follow = graphql(`
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
`);

/** A reaction as it is told live: how many have it now. */
export const ReactionNews = graphql(`
  fragment ReactionNews on ReactionChanged {
    emoji
    count
    isAdded
    user {
      handle
    }
  }
`);

/** Safe to repeat: `clientChangeId` names the edit, and a repeat never undoes a newer one. */
export const Edit = graphql(`
  mutation Edit($messageId: ID!, $text: String!, $clientChangeId: UUID!) {
    editMessage(input: { messageId: $messageId, text: $text, clientChangeId: $clientChangeId }) {
      message {
        ...MessageLine
      }
    }
  }
`);

/** Safe to repeat: each person counts once. */
export const React = graphql(`
  mutation React($messageId: ID!, $emoji: String!) {
    addReaction(input: { messageId: $messageId, emoji: $emoji }) {
      message {
        ...MessageLine
      }
    }
  }
`);

/** A reply goes to the thread of its root, which the first one opens. */
export const Reply = graphql(`
  mutation Reply($channelId: ID!, $rootId: ID!, $text: String!, $clientMessageId: UUID!, $basis: Int!) {
    sendMessage(
      input: {
        channelId: $channelId
        threadRootId: $rootId
        text: $text
        clientMessageId: $clientMessageId
        basis: $basis
      }
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
`);

/** What changed in a channel since a position: for a client that keeps what it has read. */
export const Changed = graphql(`
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
`);

export const MessageLine = graphql(`
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
`);
