/** Two replicas on real Cassandra, Postgres and Redis: everybody ends with the same messages, once, in order. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../services.ts';
import { createChannel, gather } from './crowd.ts';
import { type Fleet, startFleet } from './fleet.ts';
import { readAll, send, sendUntilSaved } from './requests.ts';

await describeWith(['postgres', 'cassandra', 'redis'], 'two replicas', () => {
  let fleet: Fleet;
  beforeAll(async () => {
    fleet = await startFleet(2);
  }, 120_000);
  afterAll(() => fleet?.stop(), 60_000);

  test('50 followers on each and 20 writers on both: 2,000 messages, once, in order, live and paged', async () => {
    const crowd = await gather(fleet, 50);
    try {
      await crowd.expectComplete(await crowd.write(2_000, 20));
    } finally {
      await crowd.stop();
    }
  }, 240_000);

  test('30 disconnects at random miss nothing', async () => {
    const crowd = await gather(fleet, 50);
    let cuts = 0;
    const cutting = setInterval(() => {
      if (cuts++ < 30) crowd.followers[Math.floor(Math.random() * crowd.followers.length)]?.cut();
    }, 60);
    try {
      const written = await crowd.write(2_000, 20);
      expect(cuts).toBeGreaterThanOrEqual(30);
      await crowd.expectComplete(written);
    } finally {
      clearInterval(cutting);
      await crowd.stop();
    }
  }, 240_000);

  test('50 sends at once with one clientMessageId make one message', async () => {
    const token = await fleet.token('writer');
    const channelId = await createChannel(fleet, token);
    const input = { channelId, text: 'once', clientMessageId: randomUUID(), basis: 0 };
    const urls = fleet.replicas.map((r) => r.url);
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) => send(urls[i % 2] ?? '', token, { ...input, text: `once ${i}` })),
    );
    expect(new Set(answers.map((a) => a.seq))).toEqual(new Set([1]));
    expect(new Set(answers.map((a) => a.text)).size).toBe(1);
    expect(answers.filter((a) => !a.isDuplicate)).toHaveLength(1);
    expect(await readAll(urls[1] ?? '', token, channelId)).toHaveLength(1);
  });
});

await describeWith(['postgres', 'cassandra', 'redis'], 'two replicas with buckets of 8', () => {
  let fleet: Fleet;
  beforeAll(async () => {
    fleet = await startFleet(2, { bucketSize: 8 });
  }, 120_000);
  afterAll(() => fleet?.stop(), 60_000);

  test('sends repeated at once over bucket borders are saved once each', async () => {
    const token = await fleet.token('writer');
    const channelId = await createChannel(fleet, token);
    const urls = fleet.replicas.map((r) => r.url);
    const inputs = Array.from({ length: 40 }, (_, i) => ({
      channelId,
      text: `message ${i}`,
      clientMessageId: randomUUID(),
      basis: 0,
    }));
    // Every message is sent ten times at once, on both replicas, while the others push the log over five borders.
    const answers = await Promise.all(
      inputs.flatMap((input) =>
        Array.from({ length: 10 }, (_, i) => sendUntilSaved([urls[i % 2] ?? ''], token, input)),
      ),
    );
    const numbers = new Map<string, Set<number>>();
    for (const a of answers) numbers.set(a.text, (numbers.get(a.text) ?? new Set()).add(a.seq));
    expect([...numbers.values()].every((n) => n.size === 1)).toBe(true);
    const saved = await readAll(urls[0] ?? '', token, channelId);
    expect(saved.map((m) => m.seq)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
    expect(new Set(saved.map((m) => m.text)).size).toBe(40);
  }, 120_000);

  test('kill -9 of a replica in the middle of 500 sends, each repeated on the other: 500 messages', async () => {
    const token = await fleet.token('writer');
    const channelId = await createChannel(fleet, token);
    const victim = await fleet.start();
    const survivor = fleet.replicas[0]?.url ?? '';
    let answered = 0;
    const one = async (i: number): Promise<void> => {
      const input = { channelId, text: `message ${i}`, clientMessageId: randomUUID(), basis: 0 };
      await sendUntilSaved([victim.url, survivor], token, input);
      if (++answered === 150) await victim.end('SIGKILL');
    };
    const queue = Array.from({ length: 500 }, (_, i) => i);
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        for (let i = queue.shift(); i !== undefined; i = queue.shift()) await one(i);
      }),
    );
    const saved = await readAll(survivor, token, channelId);
    expect(saved.map((m) => m.seq)).toEqual(Array.from({ length: 500 }, (_, i) => i + 1));
    expect(new Set(saved.map((m) => m.text)).size).toBe(500);
  }, 120_000);
});
