/* eslint-disable */
import * as types from './graphql.ts';



/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "\n  query WhereAmI {\n    viewer {\n      user {\n        handle\n      }\n      organization {\n        slug\n      }\n    }\n    channels(first: 20) {\n      edges {\n        node {\n          id\n          handle\n          head\n        }\n      }\n    }\n  }\n": typeof types.WhereAmIDocument,
    "\n  query NewestMessages($channelId: ID!) {\n    channel(id: $channelId) {\n      head\n      messages(last: 20) {\n        position\n        edges {\n          node {\n            ...MessageLine\n          }\n        }\n      }\n    }\n  }\n": typeof types.NewestMessagesDocument,
    "\n  mutation Join($channelId: ID!) {\n    joinChannel(input: { channelId: $channelId }) {\n      membership {\n        id\n      }\n    }\n  }\n": typeof types.JoinDocument,
    "\n  mutation Send($channelId: ID!, $text: String!, $clientMessageId: UUID!, $basis: Int!) {\n    sendMessage(\n      input: { channelId: $channelId, text: $text, clientMessageId: $clientMessageId, basis: $basis }\n    ) {\n      isDuplicate\n      message {\n        ...MessageLine\n      }\n    }\n  }\n": typeof types.SendDocument,
    "\n  subscription Follow($channelId: ID!, $after: String) {\n    channelEvents(channelId: $channelId, after: $after) {\n      __typename\n      cursor\n      ... on MessagePosted {\n        message {\n          ...MessageLine\n        }\n      }\n      ... on MessageUpdated {\n        change\n        message {\n          ...MessageLine\n        }\n      }\n      ... on ReactionChanged {\n        messageId\n        ...ReactionNews\n      }\n    }\n  }\n": typeof types.FollowDocument,
    "\n  fragment ReactionNews on ReactionChanged {\n    emoji\n    count\n    isAdded\n    user {\n      handle\n    }\n  }\n": typeof types.ReactionNewsFragmentDoc,
    "\n  mutation Edit($messageId: ID!, $text: String!, $clientChangeId: UUID!) {\n    editMessage(input: { messageId: $messageId, text: $text, clientChangeId: $clientChangeId }) {\n      message {\n        ...MessageLine\n      }\n    }\n  }\n": typeof types.EditDocument,
    "\n  mutation React($messageId: ID!, $emoji: String!) {\n    addReaction(input: { messageId: $messageId, emoji: $emoji }) {\n      message {\n        ...MessageLine\n      }\n    }\n  }\n": typeof types.ReactDocument,
    "\n  mutation Reply($channelId: ID!, $rootId: ID!, $text: String!, $clientMessageId: UUID!, $basis: Int!) {\n    sendMessage(\n      input: {\n        channelId: $channelId\n        threadRootId: $rootId\n        text: $text\n        clientMessageId: $clientMessageId\n        basis: $basis\n      }\n    ) {\n      message {\n        ...MessageLine\n        channel {\n          id\n          head\n          threadRoot {\n            ...MessageLine\n          }\n        }\n      }\n    }\n  }\n": typeof types.ReplyDocument,
    "\n  query Changed($channelId: ID!, $after: String!) {\n    channel(id: $channelId) {\n      changedMessages(after: $after) {\n        pageInfo {\n          hasNextPage\n          endCursor\n        }\n        edges {\n          node {\n            ...MessageLine\n          }\n        }\n      }\n    }\n  }\n": typeof types.ChangedDocument,
    "\n  fragment MessageLine on Message {\n    id\n    seq\n    text\n    createdAt\n    editedAt\n    deletedAt\n    replyCount\n    author {\n      handle\n    }\n    reactions {\n      emoji\n      count\n      viewerHasReacted\n    }\n  }\n": typeof types.MessageLineFragmentDoc,
};
const documents: Documents = {
    "\n  query WhereAmI {\n    viewer {\n      user {\n        handle\n      }\n      organization {\n        slug\n      }\n    }\n    channels(first: 20) {\n      edges {\n        node {\n          id\n          handle\n          head\n        }\n      }\n    }\n  }\n": types.WhereAmIDocument,
    "\n  query NewestMessages($channelId: ID!) {\n    channel(id: $channelId) {\n      head\n      messages(last: 20) {\n        position\n        edges {\n          node {\n            ...MessageLine\n          }\n        }\n      }\n    }\n  }\n": types.NewestMessagesDocument,
    "\n  mutation Join($channelId: ID!) {\n    joinChannel(input: { channelId: $channelId }) {\n      membership {\n        id\n      }\n    }\n  }\n": types.JoinDocument,
    "\n  mutation Send($channelId: ID!, $text: String!, $clientMessageId: UUID!, $basis: Int!) {\n    sendMessage(\n      input: { channelId: $channelId, text: $text, clientMessageId: $clientMessageId, basis: $basis }\n    ) {\n      isDuplicate\n      message {\n        ...MessageLine\n      }\n    }\n  }\n": types.SendDocument,
    "\n  subscription Follow($channelId: ID!, $after: String) {\n    channelEvents(channelId: $channelId, after: $after) {\n      __typename\n      cursor\n      ... on MessagePosted {\n        message {\n          ...MessageLine\n        }\n      }\n      ... on MessageUpdated {\n        change\n        message {\n          ...MessageLine\n        }\n      }\n      ... on ReactionChanged {\n        messageId\n        ...ReactionNews\n      }\n    }\n  }\n": types.FollowDocument,
    "\n  fragment ReactionNews on ReactionChanged {\n    emoji\n    count\n    isAdded\n    user {\n      handle\n    }\n  }\n": types.ReactionNewsFragmentDoc,
    "\n  mutation Edit($messageId: ID!, $text: String!, $clientChangeId: UUID!) {\n    editMessage(input: { messageId: $messageId, text: $text, clientChangeId: $clientChangeId }) {\n      message {\n        ...MessageLine\n      }\n    }\n  }\n": types.EditDocument,
    "\n  mutation React($messageId: ID!, $emoji: String!) {\n    addReaction(input: { messageId: $messageId, emoji: $emoji }) {\n      message {\n        ...MessageLine\n      }\n    }\n  }\n": types.ReactDocument,
    "\n  mutation Reply($channelId: ID!, $rootId: ID!, $text: String!, $clientMessageId: UUID!, $basis: Int!) {\n    sendMessage(\n      input: {\n        channelId: $channelId\n        threadRootId: $rootId\n        text: $text\n        clientMessageId: $clientMessageId\n        basis: $basis\n      }\n    ) {\n      message {\n        ...MessageLine\n        channel {\n          id\n          head\n          threadRoot {\n            ...MessageLine\n          }\n        }\n      }\n    }\n  }\n": types.ReplyDocument,
    "\n  query Changed($channelId: ID!, $after: String!) {\n    channel(id: $channelId) {\n      changedMessages(after: $after) {\n        pageInfo {\n          hasNextPage\n          endCursor\n        }\n        edges {\n          node {\n            ...MessageLine\n          }\n        }\n      }\n    }\n  }\n": types.ChangedDocument,
    "\n  fragment MessageLine on Message {\n    id\n    seq\n    text\n    createdAt\n    editedAt\n    deletedAt\n    replyCount\n    author {\n      handle\n    }\n    reactions {\n      emoji\n      count\n      viewerHasReacted\n    }\n  }\n": types.MessageLineFragmentDoc,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query WhereAmI {\n    viewer {\n      user {\n        handle\n      }\n      organization {\n        slug\n      }\n    }\n    channels(first: 20) {\n      edges {\n        node {\n          id\n          handle\n          head\n        }\n      }\n    }\n  }\n"): typeof import('./graphql.ts').WhereAmIDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query NewestMessages($channelId: ID!) {\n    channel(id: $channelId) {\n      head\n      messages(last: 20) {\n        position\n        edges {\n          node {\n            ...MessageLine\n          }\n        }\n      }\n    }\n  }\n"): typeof import('./graphql.ts').NewestMessagesDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Join($channelId: ID!) {\n    joinChannel(input: { channelId: $channelId }) {\n      membership {\n        id\n      }\n    }\n  }\n"): typeof import('./graphql.ts').JoinDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Send($channelId: ID!, $text: String!, $clientMessageId: UUID!, $basis: Int!) {\n    sendMessage(\n      input: { channelId: $channelId, text: $text, clientMessageId: $clientMessageId, basis: $basis }\n    ) {\n      isDuplicate\n      message {\n        ...MessageLine\n      }\n    }\n  }\n"): typeof import('./graphql.ts').SendDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription Follow($channelId: ID!, $after: String) {\n    channelEvents(channelId: $channelId, after: $after) {\n      __typename\n      cursor\n      ... on MessagePosted {\n        message {\n          ...MessageLine\n        }\n      }\n      ... on MessageUpdated {\n        change\n        message {\n          ...MessageLine\n        }\n      }\n      ... on ReactionChanged {\n        messageId\n        ...ReactionNews\n      }\n    }\n  }\n"): typeof import('./graphql.ts').FollowDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment ReactionNews on ReactionChanged {\n    emoji\n    count\n    isAdded\n    user {\n      handle\n    }\n  }\n"): typeof import('./graphql.ts').ReactionNewsFragmentDoc;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Edit($messageId: ID!, $text: String!, $clientChangeId: UUID!) {\n    editMessage(input: { messageId: $messageId, text: $text, clientChangeId: $clientChangeId }) {\n      message {\n        ...MessageLine\n      }\n    }\n  }\n"): typeof import('./graphql.ts').EditDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation React($messageId: ID!, $emoji: String!) {\n    addReaction(input: { messageId: $messageId, emoji: $emoji }) {\n      message {\n        ...MessageLine\n      }\n    }\n  }\n"): typeof import('./graphql.ts').ReactDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Reply($channelId: ID!, $rootId: ID!, $text: String!, $clientMessageId: UUID!, $basis: Int!) {\n    sendMessage(\n      input: {\n        channelId: $channelId\n        threadRootId: $rootId\n        text: $text\n        clientMessageId: $clientMessageId\n        basis: $basis\n      }\n    ) {\n      message {\n        ...MessageLine\n        channel {\n          id\n          head\n          threadRoot {\n            ...MessageLine\n          }\n        }\n      }\n    }\n  }\n"): typeof import('./graphql.ts').ReplyDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Changed($channelId: ID!, $after: String!) {\n    channel(id: $channelId) {\n      changedMessages(after: $after) {\n        pageInfo {\n          hasNextPage\n          endCursor\n        }\n        edges {\n          node {\n            ...MessageLine\n          }\n        }\n      }\n    }\n  }\n"): typeof import('./graphql.ts').ChangedDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment MessageLine on Message {\n    id\n    seq\n    text\n    createdAt\n    editedAt\n    deletedAt\n    replyCount\n    author {\n      handle\n    }\n    reactions {\n      emoji\n      count\n      viewerHasReacted\n    }\n  }\n"): typeof import('./graphql.ts').MessageLineFragmentDoc;


export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}
