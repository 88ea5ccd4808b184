/**
 * Whether this replica can do its work: each part is asked under a deadline, and named with its state. Probes that
 * come at once share one round of questions. Anybody may ask: what a store's driver says, which names hosts inside, goes
 * to the log, and the answer holds only what was worded for it.
 */
import type { Logger } from '../chat/logger.ts';

const PROBE_MS = 2_000;
/**
 * Of what can be done without. Balancers wait a second for the whole answer, as a rule: with more, one cell that hangs would
 * take every replica out of its balancer.
 */
const OPTIONAL_MS = 700;

/** A problem in words that strangers may read: no host, no address, no login. */
export class PartDown extends Error {}

/** Asks one part; rejects when it does not work: with PartDown, or with what only the operator may read. */
export interface Probe {
  readonly part: string;
  /** Without it the replica is degraded and serves. */
  readonly isOptional?: true;
  readonly check: () => Promise<void>;
}

export interface PartState {
  readonly state: 'up' | 'down';
  readonly problem?: string;
}

export interface Readiness {
  /** `degraded`: an optional part is down; it serves all the same, and stays in its balancer. */
  readonly status: 'ready' | 'degraded' | 'unready';
  readonly parts: Readonly<Record<string, PartState>>;
}

export type CheckReadiness = () => Promise<Readiness>;

/** Logs a part once when it goes down, and once when it is back. */
export function readinessCheck(probes: readonly Probe[], logger: Logger): CheckReadiness {
  let asking: Promise<Readiness> | undefined;
  const down = new Set<string>();
  const look = async (probe: Probe): Promise<PartState> => {
    const { part } = probe;
    const problem = await problemOf(probe);
    if (problem === null) {
      if (down.delete(part)) logger.info({ part }, 'A part that readiness looks at is back.');
      return { state: 'up' };
    }
    if (!down.has(part)) logger.warn({ part, err: problem }, 'A part that readiness looks at is down.');
    down.add(part);
    return {
      state: 'down',
      problem: problem instanceof PartDown ? problem.message : 'it does not answer; the log says why',
    };
  };
  return () => {
    asking ??= ask(probes, look).finally(() => {
      asking = undefined;
    });
    return asking;
  };
}

async function ask(probes: readonly Probe[], look: (probe: Probe) => Promise<PartState>): Promise<Readiness> {
  const asked = await Promise.all(probes.map(async (probe) => ({ ...probe, found: await look(probe) })));
  const down = asked.filter(({ found }) => found.state === 'down');
  const serves = down.every(({ isOptional }) => isOptional);
  return {
    status: !serves ? 'unready' : down.length > 0 ? 'degraded' : 'ready',
    parts: Object.fromEntries(asked.map(({ part, found }) => [part, found])),
  };
}

/** What its check rejected with; null when it works. */
async function problemOf({ check, isOptional }: Probe): Promise<unknown> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const ms = isOptional ? OPTIONAL_MS : PROBE_MS;
  const timer = setTimeout(() => reject(new PartDown(`no answer in ${ms / 1000} s`)), ms);
  try {
    await Promise.race([check(), late]);
    return null;
  } catch (error) {
    return error ?? new Error('unknown');
  } finally {
    clearTimeout(timer);
  }
}
