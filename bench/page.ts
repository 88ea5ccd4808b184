/** `npm run bench -- page`: pages of 50 messages with their authors, beside the usual recipe in the same run. */
import { availableParallelism, cpus } from 'node:os';
import { Command } from 'commander';
import { positive, wholeNumbers } from './arguments.ts';
import { openGround, requesters } from './requests/grounds.ts';
import { fillHistory, readPages } from './requests/pages.ts';
import { type Course, report } from './requests/report.ts';
import { missingForRecipe } from './requests/usual-recipe.ts';
import { untilStopped } from './until-stopped.ts';

const PEOPLE = 20;
const MESSAGES = 5_000;

export function pageBench(): Command {
  return new Command('page')
    .description(
      'A page of 50 messages with authors, over WebSocket and HTTP, embedded, beside the usual recipe: graphql-yoga,\n' +
        'graphql-ws, a keyset page from PostgreSQL and a DataLoader for authors. CPU is that of each server process.',
    )
    .option('--in-flight <numbers>', 'requests under way at a time', wholeNumbers(PEOPLE), [1, 16])
    .option('--rounds <n>', 'rounds of each contender; the median is reported', positive, 5)
    .option('--seconds <s>', 'length of a round', positive, 2)
    .action((options: Course) => untilStopped((signal) => runUntil(signal, options)));
}

async function runUntil(signal: AbortSignal, options: Course): Promise<void> {
  const missing = missingForRecipe();
  if (missing.length > 0) {
    throw new Error(
      `The usual recipe needs ${missing.join(' and ')}: scripts/services up ${missing.join(' ')}`,
    );
  }
  console.log(`${cpus()[0]?.model ?? 'CPU'}, ${availableParallelism()} cores, Node ${process.version}\n`);
  await using open = new AsyncDisposableStack();
  const ground = await openGround();
  open.defer(() => ground.close());
  const history = await fillHistory(ground, MESSAGES, PEOPLE);
  const contenders = await requesters(ground, PEOPLE, readPages(history), (close) => open.defer(close));
  console.log(await report(contenders, 'page', options, signal));
}
