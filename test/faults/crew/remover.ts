/** Takes one person after another into a private channel that is written to, and out again; they listen on. */
import { setTimeout as sleep } from 'node:timers/promises';
import { comeBack } from '../../e2e/coming-back.ts';
import type { Attempt } from '../history.ts';
import type { Recorder } from '../recorder.ts';

const EVENTS = `subscription { events { __typename ... on MessagePosted { message { text channel { id } } } } }`;
const ME = '{ viewer { user { id } } }';
const CHANGE = (name: string, answer: string) =>
  `mutation Change($input: MemberInput!) { ${name}(input: $input) { ${answer} } }`;
const ADD = CHANGE('addMember', 'member { id }');
const REMOVE = CHANGE('removeMember', 'channelId');
const STAYS_MS = 1_500;
const LISTENS_ON_MS = 1_500;

interface Event {
  readonly message?: { readonly text: string; readonly channel: { readonly id: string } };
}

/** @param attempts of the channel's writer: when each of its messages was begun to be sent. */
export async function removeAgainAndAgain(
  stop: AbortSignal,
  at: { readonly urls: readonly string[]; readonly wsUrls: readonly string[] },
  admin: string,
  newToken: (n: number) => Promise<string>,
  channel: { readonly id: string; readonly attempts: readonly Attempt[] },
  recorder: Recorder,
): Promise<void> {
  for (let n = 0; !stop.aborted; n++) {
    const token = await newToken(n);
    const { viewer } = await recorder.untilAnswered<{ viewer: { user: { id: string } } }>(
      'viewer',
      at.urls,
      token,
      ME,
      {},
    );
    const input = { channelId: channel.id, userId: viewer.user.id };
    const heard: string[] = [];
    const person = comeBack<{ events: Event }>({
      url: (turn) => at.wsUrls[(n + turn) % at.wsUrls.length] ?? '',
      token,
      query: EVENTS,
      variables: () => ({}),
      take: ({ data }) => {
        const message = data?.events.message;
        if (message?.channel.id === channel.id) heard.push(message.text);
      },
      refused: () => undefined, // Comes back, as it does after every close.
      pauseMs: [100, 300],
    });
    try {
      await recorder.untilAnswered('addMember', at.urls, admin, ADD, { input });
      await sleep(Math.random() * STAYS_MS);
      await recorder.untilAnswered('removeMember', at.urls, admin, REMOVE, { input });
      const returnedAt = recorder.now();
      await sleep(LISTENS_ON_MS);
      const begunAt = new Map<string, number>();
      for (const { text, from } of channel.attempts)
        begunAt.set(text, Math.min(from, begunAt.get(text) ?? Number.POSITIVE_INFINITY));
      recorder.removals.push({
        channelId: channel.id,
        returnedAt,
        heardBegunAt: heard.map((text) => begunAt.get(text) ?? Number.POSITIVE_INFINITY),
      });
    } finally {
      await person.stop();
    }
  }
}
