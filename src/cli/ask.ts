/** Asks whoever sits at the terminal before something is done that cannot be undone. */
import { createInterface } from 'node:readline/promises';
import { Mistake } from './mistake.ts';

/** True for y or yes. Throws when nobody is there to ask, saying what `--yes` would do. */
export async function isSure(question: string, yesMeans: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new Mistake(`Nobody is here to ask. Say --yes to ${yesMeans}.`);
  const asking = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test((await asking.question(`${question} [y/N] `)).trim());
  } finally {
    asking.close();
  }
}
