/**
 * What runs in the browser before GraphiQL: signs in with `?as=`, fills the tabs, and keeps what GraphiQL
 * remembers in this tab alone, so that two people in two tabs do not share their headers. Dev mode only has
 * `?as=`; elsewhere the token goes into GraphiQL's Headers by hand.
 */
import { DEMO_ORGANIZATION } from '../../demo/people.ts';

// Lines short enough for half a window.
const LOOK = `# Who am I, in which channels,
# and what was said last?
query Look {
  viewer {
    user { name }
    memberships(first: 20) {
      edges {
        node {
          title
          unreadCount
          channel {
            id
            messages(last: 3) {
              position
              edges {
                node {
                  seq
                  text
                  author { name }
                  replyCount
                  reactions { emoji count }
                }
              }
            }
          }
        }
      }
    }
  }
}
`;

const SEND = `# Answers once the message is saved.
# Name a send with clientMessageId (any
# UUID), repeat it as often as you like:
# it is saved once.
mutation Send($input: SendMessageInput!) {
  sendMessage(input: $input) {
    isDuplicate
    message {
      seq
      text
      createdAt
    }
  }
}
`;

const REACT = `# With an emoji or a :name:, as often
# as you like: each person counts once.
mutation React($input: ReactionInput!) {
  addReaction(input: $input) {
    message {
      seq
      text
      reactions {
        emoji
        count
        users { name }
      }
    }
  }
}
`;

const FOLLOW = `# All that happens in your channels.
# Hand the newest cursor of each back
# in "after": nothing is missed.
subscription Follow($after: [String!]) {
  events(after: $after) {
    __typename
    cursor
    ... on MessagePosted {
      message {
        seq
        text
        author { name }
        channel { name }
      }
    }
    ... on ReactionChanged {
      emoji
      count
      isAdded
      user { name }
    }
    ... on MessageUpdated {
      change
      message {
        seq
        text
        replyCount
      }
    }
    ... on TypingStarted { user { name } }
    ... on SignalSent { name payload }
    ... on Notified {
      isMissed
      notification {
        reason
        message { text }
      }
    }
    ... on MembershipUpdated {
      membership { title unreadCount }
    }
  }
}
`;

/** A page that is scrolled back. */
const LOGO =
  '<svg viewBox="0 0 40 40" width="32" height="32" fill="none" stroke="#4f46e5" stroke-width="3" stroke-linecap="round">' +
  '<path d="M6 9h28M6 17h20M6 25h24M6 33h12"/><path d="M33 22v12m-5-5 5 5 5-5" transform="rotate(180 33 28)"/></svg>';

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
  let messageId = 'ID OF A MESSAGE';
  let problem = '';
  if (as !== null) {
    try {
      const signedIn = await post('/auth/dev', { organization: ${JSON.stringify(DEMO_ORGANIZATION)}, handle: as });
      if (!signedIn.token) throw new Error(signedIn.errors?.[0]?.message ?? 'no token came');
      headers = { Authorization: 'Bearer ' + signedIn.token };
      const query = '{ channel(handle: "general") { id lastMessage { id } } }';
      const found = await post('/graphql', { query }, headers);
      channelId = found.data?.channel?.id ?? channelId;
      messageId = found.data?.channel?.lastMessage?.id ?? messageId;
    } catch (error) {
      problem = '# Could not sign in as ' + as + ': ' + error.message + '\\n';
    }
  }
  const headersText = JSON.stringify(headers, null, 2);
  // A page that is loaded again has the tabs of last time, with the token of last time: they get the new one.
  // What GraphiQL keeps of the open tab (a moment later than the tab itself) must be equal to that tab, or it takes
  // it for another one and opens that too.
  const states = Object.keys(remembered).filter((name) => name.endsWith('tabState'));
  for (const key of states) {
    const state = JSON.parse(remembered.getItem(key));
    for (const tab of state.tabs ?? []) tab.headers = headersText;
    remembered.setItem(key, JSON.stringify(state));
    const open = state.tabs?.[state.activeTabIndex];
    for (const part of ['query', 'variables', 'headers']) {
      const name = key.replace('tabState', part);
      if (open?.[part]) remembered.setItem(name, open[part]);
      else remembered.removeItem(name);
    }
  }
  if (states.length > 0) {
    const address = new URL(location.href);
    address.searchParams.delete('query');
    history.replaceState({}, '', address);
  }
  const worker = (path) => '/graphql/graphiql/' + path;
  self.MonacoEnvironment = {
    globalAPI: false,
    getWorkerUrl: (_, label) =>
      worker({ json: 'json.worker.js', graphql: 'graphql.worker.js' }[label] ?? 'editor.worker.js'),
  };
  const hint = problem || (as === null ? ${JSON.stringify(HINT)} : '');
  const variables = (input) => JSON.stringify({ input }, null, 2);
  const send = variables({ channelId, text: 'Hello from GraphiQL' });
  const react = variables({ messageId, emoji: '👋' });
  YogaGraphiQL.renderYogaGraphiQL(document.querySelector('#root'), {
    title: 'Backscroll' + (as === null ? '' : ' · ' + as),
    logo: ${JSON.stringify(LOGO)},
    endpoint: '/graphql',
    subscriptionsProtocol: 'WS',
    headers: headersText,
    defaultTabs: [
      { query: hint + ${JSON.stringify(LOOK)}, headers: headersText },
      { query: ${JSON.stringify(SEND)}, variables: send, headers: headersText },
      { query: ${JSON.stringify(REACT)}, variables: react, headers: headersText },
      { query: ${JSON.stringify(FOLLOW)}, headers: headersText },
    ],
  });
  document.title = 'Backscroll' + (as === null ? '' : ' · ' + as);
})();
`;
