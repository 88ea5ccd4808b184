/**
 * A careful writer: each send is repeated with its id until it is answered, on whichever replica; and now and then again
 * when it was answered long ago, sometimes with another text, which must change nothing.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { uuidv7 } from '../../../src/chat/ids.ts';
import type { Answered, Attempt } from '../history.ts';
import { anyOf, isPassing, type Recorder } from '../recorder.ts';

/** Between two sends of a writer: the point is what fails, not how many. */
const PAUSE_MS = 50;
const MOST_TRIES = 600;
const OFTEN_REPEATED = 0.1;
const WITH_ANOTHER_TEXT = 0.3;

const SEND = `mutation Send($input: SendMessageInput!) {
  sendMessage(input: $input) { isDuplicate message { seq text } }
}`;

interface SendData {
  readonly sendMessage: { readonly isDuplicate: boolean; readonly message: { seq: number; text: string } };
}

export interface Written {
  readonly id: string;
  readonly organization: string;
  readonly attempts: Attempt[];
}

/** Writes until the signal, and on until the last send is answered. */
export async function write(
  stop: AbortSignal,
  urls: readonly string[],
  token: string,
  channel: Written,
  recorder: Recorder,
): Promise<void> {
  let known = 0;
  while (!stop.aborted) {
    const text = `${channel.organization} ${randomUUID()}`;
    // Half of them say how far back by their id's time, half by the number alone.
    const key = Math.random() < 0.5 ? uuidv7(Date.now()) : randomUUID();
    const input = { channelId: channel.id, text, clientMessageId: key, basis: known };
    const { seq } = await untilSaved(input);
    if (Math.random() < OFTEN_REPEATED) {
      const other =
        Math.random() < WITH_ANOTHER_TEXT ? `${channel.organization} another ${randomUUID()}` : text;
      await untilSaved({ ...input, text: other });
    }
    known = seq;
    await sleep(Math.random() * 2 * PAUSE_MS);
  }

  async function untilSaved(input: {
    readonly channelId: string;
    readonly text: string;
    readonly clientMessageId: string;
    readonly basis: number;
  }): Promise<Answered> {
    for (let tries = 1; ; tries++) {
      const { data, ...tried } = await recorder.ask<SendData>(anyOf(urls), token, SEND, { input });
      const answer =
        data === null ? null : { ...data.sendMessage.message, isDuplicate: data.sendMessage.isDuplicate };
      channel.attempts.push({
        what: 'sendMessage',
        ...tried,
        key: input.clientMessageId,
        text: input.text,
        answer,
      });
      if (answer !== null) return answer;
      if (!isPassing(tried.code) || tries >= MOST_TRIES) throw new Error(`a send ended with ${tried.code}`);
      await sleep(100 + Math.random() * 400);
    }
  }
}
