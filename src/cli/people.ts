/** `org`, `user` and `token`: who may use the installation. */
import type { Command } from 'commander';
import { isHandle, isSlug } from '../auth/claims.ts';
import { limits } from '../chat/limits.ts';
import { readConfig } from '../config/config.ts';
import { createLogger } from './logger.ts';
import { Mistake } from './mistake.ts';
import { showProgress } from './progress.ts';

const HOUR_MS = 3_600_000;

export function registerPeople(program: Command): void {
  const org = program.command('org').description('organizations');
  org
    .command('create')
    .description('make an organization; its people come with their first valid token')
    .argument('<slug>', 'its short name, which tokens carry as `org`: 1 to 40 of a-z 0-9 . _ -')
    .option('--name <name>', 'its name in full')
    .action(createOrganization);
  org.command('list').description('list all organizations').action(listOrganizations);

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
  const { withPeople, tokenFor } = await import('../app/people.ts');
  const options = { logger: createLogger(config.log.level) };
  return { config, options, withPeople, tokenFor };
}

async function createOrganization(slug: string, { name = slug }: { name?: string }): Promise<void> {
  if (!isSlug(slug)) {
    throw new Mistake(
      `${JSON.stringify(slug)} cannot be a slug: take 1 to 40 of a-z 0-9 . _ - with a letter or digit at both ends.`,
    );
  }
  const shown = name.trim();
  if (shown === '' || shown.length > limits.nameUnits || /\p{Cc}/u.test(shown)) {
    throw new Mistake(`The name must have 1 to ${limits.nameUnits} characters, on one line.`);
  }
  const { config, options, withPeople } = await people();
  await withPeople(config, options, async ({ organizations }) => {
    const made = await organizations.create({ slug, name: shown, cell: 'default' });
    if (made === null) throw new Mistake(`There is an organization ${slug} already.`);
    print(`Made organization ${made.slug} (${made.name}).`);
  });
}

async function listOrganizations(): Promise<void> {
  const { config, options, withPeople } = await people();
  await withPeople(config, options, async ({ organizations }) => {
    const all = await organizations.list();
    if (all.length === 0) {
      print('There is no organization yet. Make one: npm run cli -- org create SLUG');
      return;
    }
    const width = Math.max(...all.map(({ slug }) => slug.length));
    for (const { slug, name } of all) print(`${slug.padEnd(width)}  ${name}`);
  });
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
