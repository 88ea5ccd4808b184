import { describe, expect, test } from 'vitest';
import { BOUND, type Candidate, choose, NO_LOAD } from './rendezvous.ts';

const EDGES = Array.from({ length: 10 }, (_, i) => `wss://edge-${i}.example.com/graphql`);
const ORGANIZATIONS = 1_000;
/** Of all people. */
const LARGEST = 0.3;
const PEOPLE = 20_000;

/** The organization of each person, in an order that mixes them. */
function people(): readonly string[] {
  const all = Array.from({ length: PEOPLE }, (_, i) =>
    i < PEOPLE * LARGEST ? 'largest' : `organization ${i % (ORGANIZATIONS - 1)}`,
  );
  // A fixed shuffle: the step shares no factor with the length.
  return all.map((_, i) => all[(i * 17_389) % PEOPLE] ?? '');
}

class Fleet {
  readonly held = new Map<string, string[]>();

  constructor(urls: readonly string[]) {
    for (const url of urls) this.held.set(url, []);
  }

  candidates(): readonly Candidate[] {
    return [...this.held].map(([url, here]) => ({ url, servers: 1, load: here.length }));
  }

  connect(organization: string): void {
    const url = choose(organization, this.candidates())?.url ?? '';
    this.held.get(url)?.push(organization);
  }

  /** Ends it; returns whose connections were there. */
  kill(url: string): readonly string[] {
    const gone = this.held.get(url) ?? [];
    this.held.delete(url);
    return gone;
  }

  expectBounded(): void {
    const loads = [...this.held.values()].map((here) => here.length);
    const mean = loads.reduce((a, b) => a + b) / loads.length;
    expect(loads.reduce((a, b) => a + b)).toBe(PEOPLE);
    expect(Math.max(...loads)).toBeLessThanOrEqual(Math.ceil(BOUND * mean));
  }

  /** How many edges hold people of each organization. */
  spreads(): ReadonlyMap<string, number> {
    const spreads = new Map<string, number>();
    for (const here of this.held.values()) {
      for (const organization of new Set(here))
        spreads.set(organization, (spreads.get(organization) ?? 0) + 1);
    }
    return spreads;
  }
}

const mean = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b) / numbers.length;

describe('1,000 organizations over 10 edges, one of them with 30 % of all people', () => {
  test('no edge holds more than 1.25 times the mean, and organizations share few', () => {
    const fleet = new Fleet(EDGES);
    for (const organization of people()) fleet.connect(organization);
    fleet.expectBounded();
    // It needs three at least.
    const spreads = fleet.spreads();
    expect(spreads.size).toBe(ORGANIZATIONS);
    expect(spreads.get('largest')).toBeGreaterThanOrEqual(3);
    expect(spreads.get('largest')).toBeLessThanOrEqual(6);
    expect(mean([...spreads.values()])).toBeLessThan(3);
  });

  test('removing one moves its own share alone, under the bound again', () => {
    const fleet = new Fleet(EDGES);
    for (const organization of people()) fleet.connect(organization);
    const before = new Map([...fleet.held].map(([url, here]) => [url, [...here]]));
    const gone = fleet.kill(EDGES[4] ?? '');
    for (const organization of gone) fleet.connect(organization);
    fleet.expectBounded();
    // Who was on another stays there: nothing but the share of the one that went was added.
    let moved = 0;
    for (const [url, here] of fleet.held) {
      const stayed = before.get(url) ?? [];
      expect(here.slice(0, stayed.length)).toEqual(stayed);
      moved += here.length - stayed.length;
    }
    expect(moved).toBe(gone.length);
  });
});

describe('the order of an organization', () => {
  const idle = (urls: readonly string[]): readonly Candidate[] =>
    urls.map((url) => ({ url, servers: 1, load: 0 }));
  const first = (organization: string, urls: readonly string[]) => choose(organization, idle(urls))?.url;
  const organizations = Array.from({ length: 2_000 }, (_, i) => `organization ${i}`);

  test('is the same for whoever asks, in whatever order edges are listed', () => {
    for (const organization of organizations.slice(0, 100)) {
      expect(first(organization, EDGES.toReversed())).toBe(first(organization, EDGES));
    }
  });

  test('loses an edge without a change among the others', () => {
    const [removed = ''] = EDGES;
    const others = EDGES.slice(1);
    for (const organization of organizations) {
      const before = first(organization, EDGES);
      if (before !== removed) expect(first(organization, others)).toBe(before);
    }
  });

  test('puts each edge first as often as any other, and two servers behind one address twice as often', () => {
    const counts = new Map<string, number>();
    for (const organization of organizations) {
      const url = first(organization, EDGES) ?? '';
      counts.set(url, (counts.get(url) ?? 0) + 1);
    }
    for (const url of EDGES) expect(counts.get(url)).toBeGreaterThan(140);
    const pair = idle(EDGES.slice(0, 2)).map((one, i) => ({ ...one, servers: i + 1 }));
    const ofTwo = organizations.filter((one) => choose(one, pair)?.servers === 2).length;
    expect(ofTwo / organizations.length).toBeGreaterThan(0.62);
    expect(ofTwo / organizations.length).toBeLessThan(0.71);
  });
});

test('while servers hold next to nothing, an organization is on one of them', () => {
  const fleet = new Fleet(EDGES.slice(0, 3));
  for (let i = 0; i < NO_LOAD; i += 1) fleet.connect('small');
  expect(fleet.spreads().get('small')).toBe(1);
  fleet.connect('small');
  expect(fleet.spreads().get('small')).toBe(2);
});

test('one that holds far more than its share changes nobody else’s: the others fill evenly', () => {
  const fleet = new Fleet(EDGES.slice(0, 3));
  // Died with all of these, and is not missed yet; or they came before the others were there.
  const [dead = ''] = EDGES;
  fleet.held.get(dead)?.push(...Array<string>(5_000).fill('largest'));
  for (let i = 0; i < 600; i += 1) fleet.connect('largest');
  const loads = [...fleet.held].filter(([url]) => url !== dead).map(([, here]) => here.length);
  expect(loads.reduce((a, b) => a + b)).toBe(600);
  expect(Math.max(...loads)).toBeLessThanOrEqual(BOUND * 300);
});

test('there is always one that is not full, and none where there are none', () => {
  const full = EDGES.slice(0, 3).map((url) => ({ url, servers: 1, load: 5_000 }));
  expect(choose('any', full)).not.toBeNull();
  expect(choose('any', [])).toBeNull();
});
