/** Someone who reads on now one replica, now another, marks as read what they saw, and keeps what they were told is unread. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Mark } from '../history.ts';
import type { Recorder } from '../recorder.ts';

const LOOK = `query Look($id: ID!) { channel(id: $id) { head viewerMembership { checkpoint unreadCount } } }`;
const READ = `mutation Read($input: MarkReadInput!) { markRead(input: $input) { membership { checkpoint } } }`;
const LOOK_MS = 300;

interface Looked {
  readonly channel: {
    readonly head: number | null;
    readonly viewerMembership: { readonly checkpoint: number; readonly unreadCount: number | null };
  };
}

/** Null when the message store did not answer: the schema has it so. */
async function look(
  urls: readonly string[],
  token: string,
  id: string,
  recorder: Recorder,
): Promise<Mark | null> {
  const { channel } = await recorder.untilAnswered<Looked>('look', urls, token, LOOK, { id });
  const { head, viewerMembership } = channel;
  const { checkpoint, unreadCount } = viewerMembership;
  return head === null || unreadCount === null ? null : { head, checkpoint, unreadCount };
}

const markRead = (
  urls: readonly string[],
  token: string,
  channelId: string,
  seq: number,
  recorder: Recorder,
) => recorder.untilAnswered('markRead', urls, token, READ, { input: { channelId, seq } });

/** @returns what was seen, in order. */
export async function read(
  stop: AbortSignal,
  urls: readonly string[],
  token: string,
  channelId: string,
  marks: Mark[],
  recorder: Recorder,
): Promise<void> {
  while (!stop.aborted) {
    const mark = await look(urls, token, channelId, recorder);
    if (mark !== null) {
      marks.push(mark);
      // Mostly some of it, as whoever scrolls.
      const seq = mark.checkpoint + Math.ceil((mark.head - mark.checkpoint) * Math.random());
      if (Math.random() < 0.7) await markRead(urls, token, channelId, seq, recorder);
    }
    await sleep(Math.random() * 2 * LOOK_MS);
  }
}

/** Marks everything as read and looks once more, when nobody writes any longer and every store is up. */
export async function readToTheEnd(
  urls: readonly string[],
  token: string,
  channelId: string,
  head: number,
  recorder: Recorder,
): Promise<Mark> {
  await markRead(urls, token, channelId, head, recorder);
  for (;;) {
    const mark = await look(urls, token, channelId, recorder);
    if (mark !== null) return mark;
    await sleep(LOOK_MS);
  }
}
