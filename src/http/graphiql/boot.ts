/**
 * What runs in the browser before GraphiQL: signs in with `?as=`, fills the tabs, and keeps what GraphiQL
 * remembers in this tab alone, so that two people in two tabs do not share their headers. Dev mode only has
 * `?as=`; elsewhere the token goes into GraphiQL's Headers by hand.
 */
import { DEMO_ORGANIZATION } from '../../demo/people.ts';

const LOOK = `# Who am I, where am I, and what was said last?
{
  viewer {
    user { name handle }
    memberships(first: 20) {
      edges {
        node {
          title
          unreadCount
          channel {
            id
            messages(last: 3) {
              edges { node { seq text author { name } createdAt } }
              position
            }
          }
        }
      }
    }
  }
}
`;

const SEND = `# Returns once the message is saved. Name a send with clientMessageId (any UUID)
# and repeat it as often as you like: it is saved once.
mutation Send($input: SendMessageInput!) {
  sendMessage(input: $input) {
    isDuplicate
    message { seq text createdAt }
  }
}
`;

const FOLLOW = `# Everything that happens in your channels, live. Hand the newest cursor
# of each channel back in "after", and nothing is missed in between.
subscription Follow($after: [String!]) {
  events(after: $after) {
    __typename
    channelId
    cursor
    ... on MessagePosted {
      message { seq text author { name } }
    }
    ... on MemberJoined { user { name } channel { name } }
  }
}
`;

const HINT = `# Sign in: put {"Authorization": "Bearer TOKEN"} into Headers below.
# In dev mode, open /graphql?as=ada instead.
`;

/** Plain JavaScript for the browser, served as a file of its own. */
export const bootScript = `'use strict';
(async () => {
  Object.defineProperty(window, 'localStorage', { value: window.sessionStorage });
  const remembered = window.sessionStorage;
  const as = new URLSearchParams(location.search).get('as');
  if (remembered.getItem('backscroll:as') !== as) remembered.clear();
  if (as !== null) remembered.setItem('backscroll:as', as);

  const post = async (path, body, headers) => {
    const response = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    return response.json();
  };
  let headers = {};
  let channelId = 'ID OF A CHANNEL';
  let problem = '';
  if (as !== null) {
    try {
      const signedIn = await post('/auth/dev', { organization: ${JSON.stringify(DEMO_ORGANIZATION)}, handle: as });
      if (!signedIn.token) throw new Error(signedIn.errors?.[0]?.message ?? 'no token came');
      headers = { Authorization: 'Bearer ' + signedIn.token };
      const found = await post('/graphql', { query: '{ channel(handle: "general") { id } }' }, headers);
      channelId = found.data?.channel?.id ?? channelId;
    } catch (error) {
      problem = '# Could not sign in as ' + as + ': ' + error.message + '\\n';
    }
  }
  const headersText = JSON.stringify(headers, null, 2);
  // A tab that is opened again has the token of last time: it gets the new one.
  for (const key of Object.keys(remembered).filter((name) => name.endsWith('tabState'))) {
    const state = JSON.parse(remembered.getItem(key));
    for (const tab of state.tabs ?? []) tab.headers = headersText;
    remembered.setItem(key, JSON.stringify(state));
  }
  const worker = (path) => '/graphql/graphiql/' + path;
  self.MonacoEnvironment = {
    globalAPI: false,
    getWorkerUrl: (_, label) =>
      worker({ json: 'json.worker.js', graphql: 'graphql.worker.js' }[label] ?? 'editor.worker.js'),
  };
  const hint = problem || (as === null ? ${JSON.stringify(HINT)} : '');
  const variables = { input: { channelId, text: 'Hello from GraphiQL' } };
  YogaGraphiQL.renderYogaGraphiQL(document.querySelector('#root'), {
    title: 'Backscroll' + (as === null ? '' : ' · ' + as),
    endpoint: '/graphql',
    subscriptionsProtocol: 'WS',
    headers: headersText,
    defaultTabs: [
      { query: hint + ${JSON.stringify(LOOK)}, headers: headersText },
      { query: ${JSON.stringify(SEND)}, variables: JSON.stringify(variables, null, 2), headers: headersText },
      { query: ${JSON.stringify(FOLLOW)}, headers: headersText },
    ],
  });
  document.title = 'Backscroll' + (as === null ? '' : ' · ' + as);
})();
`;
