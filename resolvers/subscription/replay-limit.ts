/** How much of what was missed a subscription replays. */
import { badInput } from '../../src/chat/errors.ts';
import { limits } from '../../src/chat/limits.ts';

/** Throws BAD_USER_INPUT for what is negative or more than is ever replayed. */
export function replayLimitOf(value: number | null | undefined): number {
  const limit = value ?? limits.replayMessages;
  if (limit < 0 || limit > limits.replayMessages) {
    throw badInput(`\`replayLimit\` is a number from 0 to ${limits.replayMessages}.`);
  }
  return limit;
}
