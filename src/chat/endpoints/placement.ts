/**
 * Gives each person the edge for their WebSocket, by what the edges say of themselves (with their leases, every few
 * seconds) and by what was given out since: a crowd that comes at once must not all be sent to whoever looked empty a
 * moment ago. What other replicas give out meanwhile is not known; they are asked as often as this one, so what was
 * given out here counts once for each of them.
 */
import type { Clock } from '../clock.ts';
import { ChatError, unavailable } from '../errors.ts';
import type { Viewer } from '../viewer.ts';
import type { Endpoint, Endpoints, OfferedEdge } from './port.ts';
import { type Candidate, choose } from './rendezvous.ts';

/** What is known of the edges may be so old; asked again at most so often. */
const FRESH_MS = 1_000;
/** While nobody can be asked, what was known does for so long: leases last about this. */
const KEPT_MS = 10_000;
/** Who was told of an edge and has not connected by then may find it gone or full. */
const VALID_MS = 60_000;

export interface PlacementOptions {
  /** Those that take connections now. */
  readonly edges: () => Promise<readonly OfferedEdge[]>;
  /**
   * Ids of the replicas that live, as far as is heard within a second or so; null when nothing can be heard. One that
   * died without a word holds its lease for some seconds more: nobody should be sent there.
   */
  readonly heard: () => readonly string[] | null;
  readonly clock: Clock;
  /** Milliseconds that never jump; a test has its own. */
  readonly monotonic?: () => number;
}

/**
 * An edge that has spoken so often since has counted whoever came: every three seconds, and who connects in a crowd may
 * take ten. (With two, the people of a killed edge were divided 1.28 to 0.72.)
 */
const ON_THEIR_WAY_ROUNDS = 4;

/** What an edge held when it spoke, and how many were sent to it from then until it spoke again. */
interface Spoken {
  readonly connections: number;
  promised: number;
}

/** Connections given out that the edge may not have counted yet. */
interface Promised {
  readonly round: number;
  /** Newest first. */
  readonly spoken: readonly Spoken[];
}

export class Placement implements Endpoints {
  readonly #options: PlacementOptions;
  readonly #monotonic: () => number;
  /** Of the edges that were offered last, and no others. */
  #promised = new Map<string, Promised>();
  #edges: readonly OfferedEdge[] = [];
  #askedAt = Number.NEGATIVE_INFINITY;
  #asking: Promise<void> | null = null;

  constructor(options: PlacementOptions) {
    this.#options = options;
    this.#monotonic = options.monotonic ?? (() => performance.now());
  }

  async of({ tenant }: Viewer): Promise<Endpoint> {
    await this.#look();
    const edges = this.#living();
    const chosen = choose(tenant.organizationId, this.#candidates(edges));
    if (chosen === null) throw unavailable('edge servers');
    this.#promise(edges, chosen.url);
    return endpointOf(chosen.url, tenant.slug, this.#options.clock);
  }

  async #look(): Promise<void> {
    const age = this.#monotonic() - this.#askedAt;
    if (age < FRESH_MS) return;
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = null;
    });
    try {
      await this.#asking;
    } catch (error) {
      if (!(error instanceof ChatError) || age >= KEPT_MS) throw error;
    }
  }

  async #ask(): Promise<void> {
    const asked = this.#monotonic();
    const edges = await this.#options.edges();
    const promised = new Map<string, Promised>();
    for (const edge of edges) promised.set(edge.edgeId, moved(this.#promised.get(edge.edgeId), edge));
    this.#promised = promised;
    this.#edges = edges;
    this.#askedAt = asked;
  }

  #living(): readonly OfferedEdge[] {
    const heard = this.#options.heard();
    if (heard === null) return this.#edges;
    const ids = new Set(heard);
    const living = this.#edges.filter(({ edgeId }) => ids.has(edgeId));
    // Heard of none, they are rather not heard than dead.
    return living.length > 0 ? living : this.#edges;
  }

  #candidates(edges: readonly OfferedEdge[]): readonly Candidate[] {
    const byUrl = new Map<string, { servers: number; load: number }>();
    for (const { edgeId, url, connections } of edges) {
      const known = byUrl.get(url) ?? { servers: 0, load: 0 };
      known.servers += 1;
      known.load += loadOf(this.#promised.get(edgeId)?.spoken ?? [], connections);
      byUrl.set(url, known);
    }
    return [...byUrl].map(([url, { servers, load }]) => ({ url, servers, load }));
  }

  /** Which of those behind the address it will be is the balancer's to say: each gets its part. */
  #promise(edges: readonly OfferedEdge[], url: string): void {
    const behind = edges.filter((edge) => edge.url === url);
    const answering = Math.max(1, this.#options.heard()?.length ?? edges.length);
    for (const { edgeId } of behind) {
      const last = this.#promised.get(edgeId)?.spoken[0];
      if (last !== undefined) last.promised += answering / behind.length;
    }
  }
}

/** Of a server that shares its stores with nobody: itself, or nobody. */
export function onlyEndpoint(url: () => string | null, clock: Clock): Endpoints {
  return {
    of: async ({ tenant }) => {
      const own = url();
      if (own === null) throw unavailable('edge servers');
      return endpointOf(own, tenant.slug, clock);
    },
  };
}

function moved(known: Promised | undefined, { round, connections }: OfferedEdge): Promised {
  const now = { connections, promised: 0 };
  if (known === undefined) return { round, spoken: [now] };
  const times = Math.min(ON_THEIR_WAY_ROUNDS, Math.max(0, round - known.round));
  const since = Array.from({ length: times }, () => ({ ...now }));
  return { round, spoken: [...since, ...known.spoken].slice(0, ON_THEIR_WAY_ROUNDS) };
}

/** The most that it holds if all come that were sent there since some time it spoke; who came by now is counted once. */
function loadOf(spoken: readonly Spoken[], connections: number): number {
  let load = connections;
  let promised = 0;
  for (const one of spoken) {
    promised += one.promised;
    load = Math.max(load, one.connections + promised);
  }
  return load;
}

function endpointOf(url: string, slug: string, clock: Clock): Endpoint {
  const address = new URL(url);
  address.searchParams.set('org', slug);
  return { url: address.href, expiresAt: new Date(clock.now() + VALID_MS) };
}
