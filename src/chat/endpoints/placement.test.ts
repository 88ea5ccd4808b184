import { beforeEach, describe, expect, test } from 'vitest';
import { unavailable } from '../errors.ts';
import { viewerOf } from '../testing/replica.ts';
import type { Viewer } from '../viewer.ts';
import { onlyEndpoint, Placement } from './placement.ts';
import type { OfferedEdge } from './port.ts';
import { NO_LOAD } from './rendezvous.ts';

const NOW = Date.parse('2026-11-23T12:00:00Z');
const clock = { now: () => NOW };
const viewer = viewerOf('organization', 'ada');

/** No other replica tells anybody of edges. */
const ALONE = ['this one'];

let time: number;
let asked: number;
let offered: OfferedEdge[];
let heard: readonly string[] | null;
let isDown: boolean;
let isBroken: boolean;
let placement: Placement;

const edge = (id: string, connections = 0, round = 1): OfferedEdge => ({
  edgeId: id,
  url: `wss://${id}.example.com/graphql`,
  connections,
  round,
});
const edges = async (): Promise<readonly OfferedEdge[]> => {
  asked += 1;
  if (isDown) throw unavailable('database');
  if (isBroken) throw new TypeError('broken');
  return offered;
};
/** The edge that is named. */
const place = async (who: Viewer = viewer): Promise<string> =>
  new URL((await placement.of(who)).url).hostname.replace('.example.com', '');
const placeMany = async (count: number): Promise<ReadonlyMap<string, number>> => {
  const counts = new Map<string, number>();
  for (let i = 0; i < count; i += 1) {
    const id = await place();
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
};

beforeEach(() => {
  [time, asked, heard, isDown, isBroken] = [50_000, 0, null, false, false];
  offered = [edge('a'), edge('b'), edge('c')];
  placement = new Placement({ edges, heard: () => heard, clock, monotonic: () => time });
});

describe('an endpoint', () => {
  test('names the organization and nothing secret, beside what the address says by itself', async () => {
    offered = [{ ...edge('a'), url: 'wss://chat.example.com/graphql?region=eu' }];
    expect(await placement.of(viewer)).toEqual({
      url: 'wss://chat.example.com/graphql?region=eu&org=test',
      expiresAt: new Date(NOW + 60_000),
    });
  });

  test('is the same for all of an organization while servers hold little', async () => {
    heard = ALONE;
    expect((await placeMany(NO_LOAD)).size).toBe(1);
  });

  test('of one server that shares with nobody is its own; an api server has none', async () => {
    const own = onlyEndpoint(() => 'ws://127.0.0.1:4000/graphql', clock);
    expect((await own.of(viewer)).url).toBe('ws://127.0.0.1:4000/graphql?org=test');
    await expect(onlyEndpoint(() => null, clock).of(viewer)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});

describe('what edges say', () => {
  test('is asked for once a second, by all who ask at once together', async () => {
    await Promise.all(Array.from({ length: 50 }, () => place()));
    expect(asked).toBe(1);
    time += 999;
    await place();
    expect(asked).toBe(1);
    time += 1;
    await place();
    expect(asked).toBe(2);
  });

  test('does for ten seconds when nobody can be asked, and no longer', async () => {
    const first = await place();
    isDown = true;
    time += 9_999;
    expect(await place()).toBe(first);
    time += 1;
    await expect(place()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    isDown = false;
    expect(await place()).toBe(first);
  });

  test('a mistake in the program is not taken for an outage', async () => {
    await place();
    time += 1_000;
    isBroken = true;
    await expect(place()).rejects.toBeInstanceOf(TypeError);
  });

  test('without any edge it is UNAVAILABLE, and then there is one', async () => {
    offered = [];
    await expect(place()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    offered = [edge('a')];
    time += 1_000;
    expect(await place()).toBe('a');
  });

  test('one that is full is passed over', async () => {
    const first = await place();
    offered = offered.map((one) => (one.edgeId === first ? { ...one, connections: 1_000 } : one));
    time += 1_000;
    expect(await place()).not.toBe(first);
  });
});

describe('a crowd that comes at once', () => {
  test('is spread, though no edge has said anything of it yet', async () => {
    const counts = await placeMany(3_000);
    expect(Math.max(...counts.values())).toBeLessThanOrEqual(1_251);
    expect(counts.size).toBe(3);
  });

  test('half of it told by another replica, it is spread alike: what is told here counts for both', async () => {
    heard = ['a', 'b'];
    offered = [edge('a', 2_000), edge('b', 2_000)];
    const other = new Placement({ edges, heard: () => heard, clock, monotonic: () => time });
    const counts = await placeMany(1_000);
    for (let i = 0; i < 1_000; i += 1) {
      const id = new URL((await other.of(viewer)).url).hostname.replace('.example.com', '');
      (counts as Map<string, number>).set(id, (counts.get(id) ?? 0) + 1);
    }
    // 6,000 in all: 3,750 is the most for either.
    expect(2_000 + Math.max(...counts.values())).toBeLessThanOrEqual(3_760);
  });

  test('is counted until the edge has spoken four times, which then counts them itself', async () => {
    heard = ALONE;
    offered = [edge('a'), edge('b')];
    const first = await place();
    const other = first === 'a' ? 'b' : 'a';
    const say = (round: number, connections: number) => {
      offered = [edge(first, connections, round), edge(other, 0, round)];
      time += 1_000;
    };
    // As many as one holds before the other gets any.
    await placeMany(NO_LOAD - 1);
    expect(await place()).toBe(other);
    for (const round of [2, 3, 4]) {
      say(round, 0);
      expect(await place()).toBe(other);
    }
    // It has spoken often and has none of them: they never came.
    say(5, 0);
    expect(await place()).toBe(first);
    say(6, 5_000);
    expect(await place()).toBe(other);
  });

  test('is not counted twice once the edge has counted it', async () => {
    heard = ALONE;
    offered = [edge('a'), edge('b')];
    const first = await place();
    await placeMany(NO_LOAD - 21);
    offered = [edge('a', 0, 2), edge('b', 0, 2)].map((one) =>
      one.edgeId === first ? { ...one, connections: NO_LOAD - 20 } : one,
    );
    time += 1_000;
    // Of those that it holds, and of no others, until it is full.
    expect(await placeMany(20)).toEqual(new Map([[first, 20]]));
    expect(await place()).not.toBe(first);
  });

  test('that goes to one address with several servers behind it is shared among them', async () => {
    heard = ALONE;
    offered = [edge('a'), { ...edge('b'), url: edge('a').url }, edge('c')];
    // An organization that comes to the two first.
    let who = viewer;
    for (let i = 0; (await place(who)) !== 'a'; i += 1) who = viewerOf(`organization ${i}`, 'ada');
    let toBoth = 0;
    for (let i = 0; i < 3_000; i += 1) if ((await place(who)) === 'a') toBoth += 1;
    // Two of three servers, each up to 1.25 times the mean: five sixths.
    expect(toBoth).toBeGreaterThan(2_400);
    expect(toBoth).toBeLessThan(2_510);
  });
});

describe('an edge that died without a word', () => {
  test('is not named though its lease still lasts; heard of again it is', async () => {
    const first = await place();
    heard = ['a', 'b', 'c'].filter((id) => id !== first);
    expect(await place()).not.toBe(first);
    heard = ['a', 'b', 'c'];
    expect(await place()).toBe(first);
  });

  test('is named when no edge at all is heard of: rather nobody hears than all are dead', async () => {
    const first = await place();
    heard = ALONE;
    expect(await place()).toBe(first);
  });
});
