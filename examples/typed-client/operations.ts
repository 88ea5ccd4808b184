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
    }
  }
`);

export const MessageLine = graphql(`
  fragment MessageLine on Message {
    seq
    text
    createdAt
    author {
      handle
    }
  }
`);
