/**
 * Ctrl-C and SIGTERM as an AbortSignal: the first asks the work to stop, a later one ends the process at once.
 * Signals that follow within a second count as the same one, because npm hands on what the terminal has sent already.
 */

const SAME_SIGNAL_MS = 1_000;
const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const;

export interface StopOnSignals {
  readonly signal: AbortSignal;
  /** SIGTERM came (first): a supervisor asks, and waits; nobody sits before it. */
  readonly isTerminated: boolean;
  /** By the shells' convention, once a signal came. */
  readonly exitCode: number | undefined;
  /** Leaves signals to their usual effect again. */
  release(): void;
}

export function stopOnSignals(onStop: () => void): StopOnSignals {
  const stopping = new AbortController();
  let exitCode: number | undefined;
  let stoppedAt = 0;
  const receive = (name: 'SIGINT' | 'SIGTERM'): void => {
    if (exitCode === undefined) {
      exitCode = exitCodes[name];
      stoppedAt = performance.now();
      onStop();
      stopping.abort();
    } else if (performance.now() - stoppedAt > SAME_SIGNAL_MS) {
      process.exit(exitCode);
    }
  };
  process.on('SIGINT', receive);
  process.on('SIGTERM', receive);
  return {
    signal: stopping.signal,
    get isTerminated() {
      return exitCode === exitCodes.SIGTERM;
    },
    get exitCode() {
      return exitCode;
    },
    release: () => {
      process.off('SIGINT', receive);
      process.off('SIGTERM', receive);
    },
  };
}
