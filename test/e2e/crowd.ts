/** The crowd of the promises: writers and followers on one channel over all replicas, and what must hold at the end. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Fleet } from './fleet.ts';
import { type Follower, follow } from './follower.ts';
import { readAll, request, sendUntilSaved } from './requests.ts';

export interface Crowd {
  readonly channelId: string;
  readonly token: string;
  readonly followers: readonly Follower[];
  /** Sends `total` messages with `writers` writers at once, each send repeated until saved; returns their texts by number. */
  write(total: number, writers: number): Promise<ReadonlyMap<number, string>>;
  /** Waits for every follower to hold everything, then compares all of them and both ways of paging with `written`. */
  expectComplete(written: ReadonlyMap<number, string>): Promise<void>;
  stop(): Promise<void>;
}

const url = (fleet: Fleet, i: number): string => fleet.replicas[i % fleet.replicas.length]?.url ?? '';

/** A public channel of a fresh person, as the API makes it. */
export async function createChannel(fleet: Fleet, token: string): Promise<string> {
  const data = await request<{ createChannel: { channel: { id: string } } }>(
    url(fleet, 0),
    token,
    'mutation Create($input: CreateChannelInput!) { createChannel(input: $input) { channel { id } } }',
    { input: { name: `Crowd ${randomUUID().slice(0, 8)}` } },
  );
  return data.createChannel.channel.id;
}

/** `perReplica` followers on each replica, each with its replica first in its list and the others to fall back on. */
export async function gather(fleet: Fleet, perReplica: number): Promise<Crowd> {
  const token = await fleet.token('writer');
  const channelId = await createChannel(fleet, token);
  const wsUrls = fleet.replicas.map((r) => r.wsUrl);
  const followers: Follower[] = [];
  for (const [i] of fleet.replicas.entries()) {
    for (let n = 0; n < perReplica; n++) {
      const reader = await fleet.token(`reader-${i}-${n % 10}`);
      followers.push(follow([...wsUrls.slice(i), ...wsUrls.slice(0, i)], reader, channelId, null));
    }
  }
  await Promise.all(followers.map((f) => f.ready));

  async function write(total: number, writers: number): Promise<ReadonlyMap<number, string>> {
    const written = new Map<number, string>();
    let next = 0;
    const writer = async (i: number): Promise<void> => {
      const urls = [url(fleet, i), url(fleet, i + 1)];
      while (next < total) {
        const text = `message ${next++}`;
        const sent = await sendUntilSaved(urls, token, {
          channelId,
          text,
          clientMessageId: randomUUID(),
          basis: 0,
        });
        expect(written.has(sent.seq), `number ${sent.seq} was given twice`).toBe(false);
        written.set(sent.seq, text);
      }
    };
    await Promise.all(Array.from({ length: writers }, (_, i) => writer(i)));
    return written;
  }

  async function expectComplete(written: ReadonlyMap<number, string>): Promise<void> {
    const head = written.size;
    const numbers = Array.from({ length: head }, (_, i) => i + 1);
    expect([...written.keys()].sort((a, b) => a - b)).toEqual(numbers);
    for (let waited = 0; waited < 90_000 && followers.some((f) => f.seqs.length < head); waited += 100) {
      await sleep(100);
    }
    const texts = numbers.map((n) => written.get(n));
    for (const [i, follower] of followers.entries()) {
      expect(follower.withErrors, `follower ${i} got an event with errors inside`).toEqual([]);
      // Told by the first place that differs: two thousand numbers side by side tell nobody anything.
      const wrong = numbers.findIndex((n, at) => follower.seqs[at] !== n || follower.texts[at] !== texts[at]);
      const closes = follower.closeCodes.join();
      expect(wrong, `follower ${i} of ${head}: has ${follower.seqs.length}, closed by ${closes}`).toBe(-1);
      expect(follower.seqs).toHaveLength(head);
    }
    const pages = numbers.map((seq, i) => ({ seq, text: texts[i] }));
    expect(await readAll(url(fleet, 0), token, channelId)).toEqual(pages);
    expect(await readAll(url(fleet, 1), token, channelId, true)).toEqual(pages);
  }

  return {
    channelId,
    token,
    followers,
    write,
    expectComplete,
    stop: async () => {
      await Promise.all(followers.map((f) => f.stop()));
    },
  };
}
