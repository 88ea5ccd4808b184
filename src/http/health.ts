/**
 * Whether this replica can do its work: each part is asked under a deadline, and named with its state. Probes that
 * come at once share one round of questions.
 */
const PROBE_MS = 2_000;

/** Asks one part; rejects when it does not work, with words for the operator. */
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

export function readinessCheck(probes: readonly Probe[]): CheckReadiness {
  let asking: Promise<Readiness> | undefined;
  return () => {
    asking ??= ask(probes).finally(() => {
      asking = undefined;
    });
    return asking;
  };
}

async function ask(probes: readonly Probe[]): Promise<Readiness> {
  const asked = await Promise.all(probes.map(async (probe) => ({ ...probe, found: await stateOf(probe) })));
  const down = asked.filter(({ found }) => found.state === 'down');
  const serves = down.every(({ isOptional }) => isOptional);
  return {
    status: !serves ? 'unready' : down.length > 0 ? 'degraded' : 'ready',
    parts: Object.fromEntries(asked.map(({ part, found }) => [part, found])),
  };
}

async function stateOf({ check }: Probe): Promise<PartState> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer in ${PROBE_MS / 1000} s`)), PROBE_MS);
  try {
    await Promise.race([check(), late]);
    return { state: 'up' };
  } catch (error) {
    return { state: 'down', problem: error instanceof Error ? error.message : 'unknown' };
  } finally {
    clearTimeout(timer);
  }
}
