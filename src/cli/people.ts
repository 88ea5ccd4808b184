/** `user` and `token`: who may use the installation. */
import type { Command } from 'commander';
import { isHandle, isSlug } from '../auth/claims.ts';
import { readConfig } from '../config/config.ts';
import { createLogger } from './logger.ts';
import { Mistake } from './mistake.ts';
import { showProgress } from './progress.ts';

const HOUR_MS = 3_600_000;

export function registerPeople(program: Command): void {
  const user = program.command('user').description('people');
  user
    .command('deactivate')
    .description('shut a person out: when it returns, their tokens no longer work and no connection is open')
    .argument('<org>', "the organization's slug")
    .argument('<handle>')
    .action(deactivate);

  program
    .command('token')
    .description(
      'print a token for a person: signed with JWT_SECRET, or in dev mode with the key in DATA_DIR',
    )
    .argument('<org>', "the organization's slug")
    .argument('<handle>', 'whom it is for; somebody new in dev mode')
    .option('--hours <hours>', 'how long it lasts', '24')
    .action(printToken);
}

async function people() {
  const config = readConfig();
  const { tokenFor } = await import('../app/people.ts');
  const options = { logger: createLogger(config.log.level) };
  return { config, options, tokenFor };
}

async function deactivate(slug: string, handle: string): Promise<void> {
  const config = readConfig();
  const { shutOutPerson } = await import('../app/shut-out.ts');
  const progress = showProgress('Telling every server …', process.stderr);
  try {
    const options = { logger: createLogger(config.log.level) };
    const user = await shutOutPerson(config, options, { organization: slug, handle });
    progress.end();
    if (user === 'NO_ORGANIZATION') throw new Mistake(`There is no organization ${slug}.`);
    if (user === null) throw new Mistake(`Nobody in ${slug} has the handle ${handle}.`);
    print(`${user.name} (${user.handle}) is shut out of ${slug}.`);
  } finally {
    progress.end();
  }
}

async function printToken(organization: string, handle: string, { hours }: { hours: string }): Promise<void> {
  if (!isSlug(organization)) throw new Mistake(`${JSON.stringify(organization)} is no organization's slug.`);
  if (!isHandle(handle)) {
    throw new Mistake(`${JSON.stringify(handle)} cannot be a handle: take 1 to 40 of a-z 0-9 . _ -`);
  }
  const lifeMs = Number(hours) * HOUR_MS;
  if (!(lifeMs >= 1_000 && lifeMs <= 10_000 * HOUR_MS)) {
    throw new Mistake('--hours must be a number from 0.001 to 10000.');
  }
  const { config, options, tokenFor } = await people();
  print((await tokenFor(config, options, { organization, handle, lifeMs })).token);
}

const print = (line: string): void => void process.stdout.write(`${line}\n`);
