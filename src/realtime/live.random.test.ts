/**
 * Nothing missed, nothing twice, nothing out of order: random runs of three replicas over a bus that loses, repeats
 * and reorders, with stores that come and go, and clients that break off and come back with their cursors elsewhere.
 */
import { describe, expect, test, vi } from 'vitest';
import { decodeEventCursor } from '../chat/cursors/cursor.ts';
import { type Client, startClient } from './testing/client.ts';
import { type Installation, installation, type Replica } from './testing/replicas.ts';

const CHANNELS = 3;
const WRITERS = 20;
const SENDS = 25;
const CLIENTS = 8;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

interface Run {
  readonly all: Installation;
  readonly replicas: readonly Replica[];
  readonly channels: readonly string[];
}

function begin(seed: number): Run {
  const faults = { drop: 0.1, repeat: 0.1, unconfirmed: 0.05, delayMs: 6 };
  const all = installation({ seed, faults, bounds: { chunk: 4 }, timings: { routineMs: 150 } });
  all.messages.delayMs = 2;
  all.changes.delayMs = 2;
  const users = Array.from({ length: CLIENTS }, (_, i) => `user${i}`);
  const channels = Array.from({ length: CHANNELS }, () => all.channel(...users));
  const replicas = [all.replica(), all.replica(), all.replica()];
  return { all, replicas, channels };
}

const pick = <T>(all: Installation, list: readonly T[]): T => {
  const one = list[Math.floor(all.chance() * list.length)];
  if (one === undefined) throw new Error('nothing to pick from');
  return one;
};

async function write({ all, replicas, channels }: Run, writer: number): Promise<void> {
  for (let i = 0; i < SENDS; i += 1) {
    const { say, note } = pick(all, replicas);
    const channel = pick(all, channels);
    // A send that fails is repeated, as clients do.
    for (;;) {
      try {
        if (all.chance() < 0.8) await say(channel, `${writer}/${i}`);
        else await note(channel, all.chance() < 0.5 ? 'MEMBER_JOINED' : 'MEMBER_LEFT', `${writer}/${i}`);
        break;
      } catch {
        await sleep(3);
      }
    }
    await sleep(all.chance() * 20);
  }
}

/** Replicas are cut off, told or not; stores go away for a moment. Everything is well again at the end. */
async function disturb({ all, replicas }: Run, rounds: number): Promise<void> {
  for (let i = 0; i < rounds; i += 1) {
    const { bus } = pick(all, replicas);
    const what = all.chance();
    if (what < 0.5) bus.cut(all.chance() < 0.5);
    else if (what < 0.7) bus.mute();
    else if (what < 0.85) all.messages.isDown = true;
    else all.memberships.isDown = true;
    await sleep(all.chance() * 60);
    bus.restore();
    all.messages.isDown = false;
    all.memberships.isDown = false;
    await sleep(all.chance() * 40);
  }
}

/** What the client was told of a channel: numbers of messages, and of changes. */
function numbers(client: Client, channel: string): { seqs: number[]; revs: number[] } {
  const seqs: number[] = [];
  const revs: number[] = [];
  for (const event of client.told.get(channel) ?? []) {
    if (event.type === 'MessagePosted') seqs.push(event.row.seq);
    if (event.type === 'MemberJoined' || event.type === 'MemberLeft')
      revs.push(decodeEventCursor(event.cursor).rev);
  }
  return { seqs, revs };
}

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

describe('random runs', () => {
  test.concurrent.each(upTo(12))('seed %i', async (seed) => {
    const run = begin(seed);
    const { all, replicas, channels } = run;
    const clients = upTo(CLIENTS).map((i) =>
      startClient({
        viewer: all.viewer(`user${i - 1}`),
        live: () => pick(all, replicas).live,
        patience: () => 1 + Math.floor(all.chance() * 100),
        pace: () => (all.chance() < 0.05 ? sleep(all.chance() * 10) : Promise.resolve()),
      }),
    );
    try {
      // They begin with the first position, so that everything is theirs to get.
      await vi.waitFor(
        () => expect(clients.map((c) => c.cursors.size)).toEqual(clients.map(() => CHANNELS)),
        5_000,
      );
      await Promise.all([...upTo(WRITERS).map((writer) => write(run, writer)), disturb(run, 8)]);

      for (const channelId of channels) {
        const name = `${all.organizationId}:${channelId}`;
        const heads = {
          seqs: upTo(all.messages.rows.get(name)?.length ?? 0),
          revs: upTo(all.changes.rows.get(name)?.length ?? 0),
        };
        for (const client of clients) {
          await vi.waitFor(() => {
            const got = numbers(client, channelId);
            expect(got.seqs.length + got.revs.length).toBeGreaterThanOrEqual(
              heads.seqs.length + heads.revs.length,
            );
          }, 10_000);
          expect(numbers(client, channelId)).toEqual(heads);
          for (const event of client.told.get(channelId) ?? []) {
            if (event.type !== 'MemberJoined' && event.type !== 'MemberLeft') continue;
            const { seq, rev } = decodeEventCursor(event.cursor);
            const change = all.changes.rows.get(name)?.[rev - 1];
            // A change comes after the messages that were there when it was made.
            expect(change?.entry.head).toBeLessThanOrEqual(seq);
            expect(change?.entry.userId).toBe(event.userId);
          }
        }
      }
      expect(clients.reduce((sum, client) => sum + client.breaks, 0)).toBeGreaterThan(CLIENTS);
    } finally {
      await Promise.all(clients.map((client) => client.stop()));
    }
    await vi.waitFor(() => {
      for (const { live } of replicas)
        expect(live.stats()).toMatchObject({ sessions: 0, users: 0, channels: 0, topics: 0 });
    }, 5_000);
    await all.close();
  });
});
