/**
 * The first process of a container has no default for signals: what it does not listen to, the kernel drops. Without this
 * a server that waits for its stores, or a command, would only end when whoever asked loses patience and kills it.
 */

const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const;

/** Gives signals their usual effect where nobody else listens to them. */
export function endOnSignalsAsFirst(pid: number): void {
  if (pid !== 1) return;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (process.listenerCount(signal) === 1) process.exit(exitCodes[signal]);
    });
  }
}
