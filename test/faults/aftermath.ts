/** After everything: what is kept is read to the end, whoever listened is waited for, and the history is put together. */
import { setTimeout as sleep } from 'node:timers/promises';
import { readShown } from '../e2e/changing.ts';
import { request } from '../e2e/requests.ts';
import { readToTheEnd } from './crew/reader.ts';
import type { Crew, PlayedChannel, PlayedCopies } from './crew.ts';
import type { ChannelHistory, Copy, History, Row } from './history.ts';
import type { Recorder } from './recorder.ts';

/** Listeners who are whole sooner are not waited for; those who are not by then have missed something. */
const LISTENERS_MS = 60_000;
const LOOK_MS = 100;

export async function historyOf(crews: readonly Crew[], recorder: Recorder): Promise<History> {
  const channels = await Promise.all(
    crews.flatMap((crew) => crew.channels.map((channel) => channelHistory(channel, recorder))),
  );
  const copies = await Promise.all(
    crews.flatMap((crew) => crew.copies.map((copies) => copiesOf(copies, recorder))),
  );
  const { requests, removals, trespasses, health, absences, gaveUp } = recorder;
  return { channels, copies: copies.flat(), requests, removals, trespasses, health, absences, gaveUp };
}

async function channelHistory(channel: PlayedChannel, recorder: Recorder): Promise<ChannelHistory> {
  const { id, organization, places, token, attempts, listeners, readers } = channel;
  const [first = '', second = first] = places.urls;
  const [forward, backward] = await Promise.all([
    recorder.untilDone(() => readWhole(first, token, id, false)),
    recorder.untilDone(() => readWhole(second, token, id, true)),
  ]);
  const head = forward.length;
  await untilTrue(() => listeners.every((listener) => listener.newest() >= head));
  const lastMarks = await Promise.all(
    readers.map((reader) => readToTheEnd(places.urls, reader.token, id, head, recorder)),
  );
  return {
    id,
    organization,
    attempts,
    forward,
    backward,
    heard: await Promise.all(listeners.map((listener) => listener.heard())),
    marks: readers.map(({ marks }) => marks),
    lastMarks,
  };
}

async function copiesOf(
  { channelId, places, token, mirrors }: PlayedCopies,
  recorder: Recorder,
): Promise<Copy[]> {
  const shown = await recorder.untilDone(() => readShown(places.urls[0] ?? '', token, channelId));
  const whole = JSON.stringify(shown);
  await untilTrue(() => mirrors.every((one) => JSON.stringify(one.copy()) === whole));
  return mirrors.map((one) => ({ channelId, copied: one.copy(), shown, faults: one.faults }));
}

async function untilTrue(isSo: () => boolean): Promise<void> {
  for (let waited = 0; waited < LISTENERS_MS && !isSo(); waited += LOOK_MS) await sleep(LOOK_MS);
}

interface Page {
  readonly channel: {
    readonly messages: {
      readonly edges: readonly {
        readonly node: {
          readonly seq: number;
          readonly text: string;
          readonly clientMessageId: string | null;
          readonly createdAt: string;
        };
      }[];
      readonly pageInfo: {
        readonly hasNextPage: boolean;
        readonly hasPreviousPage: boolean;
        readonly startCursor: string | null;
        readonly endCursor: string | null;
      };
    };
  };
}

async function readWhole(url: string, token: string, id: string, isBackward: boolean): Promise<Row[]> {
  const parts: Row[][] = [];
  let cursor: string | null = null;
  for (;;) {
    const page: Page = await request<Page>(
      url,
      token,
      `query Whole($id: ID!, $first: Int, $after: String, $last: Int, $before: String) {
        channel(id: $id) { messages(first: $first, after: $after, last: $last, before: $before) {
          edges { node { seq text clientMessageId createdAt } }
          pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        } }
      }`,
      isBackward ? { id, last: 173, before: cursor } : { id, first: 200, after: cursor },
    );
    const { edges, pageInfo }: Page['channel']['messages'] = page.channel.messages;
    parts.push(edges.map(({ node: { clientMessageId, ...row } }) => ({ ...row, key: clientMessageId })));
    if (!(isBackward ? pageInfo.hasPreviousPage : pageInfo.hasNextPage)) break;
    cursor = isBackward ? pageInfo.startCursor : pageInfo.endCursor;
  }
  return (isBackward ? parts.reverse() : parts).flat();
}
