/** Writers on many channels, two of them hot: every send repeated until it is saved, every request timed. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { uuidv7 } from '../../src/chat/ids.ts';
import { RequestFailed, type Sent, send } from '../e2e/requests.ts';

/** What a request may take, whatever fails. */
export const PROMISED_MS = 15_000;
/** Between two sends of a writer: the point is what fails, not how many. */
const PAUSE_MS = 40;
/** A careful client gives up later than any outage here lasts. */
const MOST_TRIES = 600;

export interface Channel {
  readonly id: string;
  readonly writers: number;
  /** What was acknowledged: text by number. */
  readonly acknowledged: Map<number, string>;
}

export interface Written {
  /** Milliseconds of each request that was answered, by a message or an error of the server's. */
  readonly took: number[];
  /** How often each code came; NETWORK when a replica died under the request. */
  readonly codes: Map<string, number>;
  readonly duplicates: { count: number };
  readonly broken: string[];
}

/**
 * Writes until the signal, and on until the last send is saved.
 * @param urls the replicas that are up, kept current by whoever kills and starts them.
 */
export async function writeUntil(
  stop: AbortSignal,
  urls: readonly string[],
  token: string,
  channels: readonly Channel[],
): Promise<Written> {
  const written: Written = { took: [], codes: new Map(), duplicates: { count: 0 }, broken: [] };
  const writer = async (channel: Channel): Promise<void> => {
    let known = 0;
    while (!stop.aborted) {
      const text = `message ${randomUUID()}`;
      const clientMessageId = uuidv7(Date.now());
      const sent = await untilSaved(
        urls,
        token,
        { channelId: channel.id, text, clientMessageId, basis: known },
        written,
      );
      if (sent.text !== text) written.broken.push(`${channel.id}: answered with another message`);
      const other = channel.acknowledged.get(sent.seq);
      if (other !== undefined) written.broken.push(`${channel.id}: number ${sent.seq} was given twice`);
      channel.acknowledged.set(sent.seq, text);
      known = sent.seq;
      await sleep(Math.random() * 2 * PAUSE_MS);
    }
  };
  const ended = await Promise.allSettled(
    channels.flatMap((channel) => Array.from({ length: channel.writers }, () => writer(channel))),
  );
  for (const end of ended)
    if (end.status === 'rejected') written.broken.push(`a writer gave up: ${end.reason}`);
  return written;
}

async function untilSaved(
  urls: readonly string[],
  token: string,
  input: Parameters<typeof send>[2],
  { took, codes, duplicates, broken }: Written,
): Promise<Sent> {
  for (let tries = 1; ; tries++) {
    const began = performance.now();
    const url = urls[Math.floor(Math.random() * urls.length)] ?? '';
    try {
      const sent = await send(url, token, input);
      if (sent.isDuplicate) duplicates.count++;
      note(performance.now() - began, 'OK');
      return sent;
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error;
      const code = error.codes.join('+');
      note(performance.now() - began, code);
      const again = error.codes.every(
        (one) => one === 'UNAVAILABLE' || one === 'RATE_LIMITED' || one === 'NETWORK',
      );
      if (!again || tries >= MOST_TRIES) throw error;
      await sleep(100 + Math.random() * 400);
    }
  }

  function note(ms: number, code: string): void {
    codes.set(code, (codes.get(code) ?? 0) + 1);
    if (code !== 'NETWORK') took.push(ms);
    if (ms > PROMISED_MS) broken.push(`a request took ${Math.round(ms)} ms and ended with ${code}`);
  }
}
