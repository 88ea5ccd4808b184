/**
 * A promise that was rejected with nobody to hear of it. Every promise here has somebody who does, so this is a bug of
 * ours; but what nobody waited for, nothing else depends on, and Node would end the process with everybody's
 * connections for it. So it is logged, as an error with its stack, and the server goes on. What is thrown outside of
 * any promise still ends the process (main.ts): that stopped half-way, and others may count on the rest.
 */
import type { Logger } from '../chat/logger.ts';

/** Returns what takes the net away again. */
export function logRejections(logger: Logger): () => void {
  const log = (reason: unknown): void => {
    const err = reason instanceof Error ? reason : new Error('not an Error', { cause: reason });
    logger.error({ err }, 'A promise was rejected unheard. This is a bug in Backscroll; the server goes on.');
  };
  process.on('unhandledRejection', log);
  return () => void process.off('unhandledRejection', log);
}
