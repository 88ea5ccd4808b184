/** `migrate` and `reset`: the stores themselves. */
import type { Command } from 'commander';
import { readConfig } from '../config/config.ts';
import { isSure } from './ask.ts';
import { createLogger } from './logger.ts';
import { Mistake } from './mistake.ts';
import { showProgress } from './progress.ts';

export function registerStores(program: Command): void {
  program
    .command('migrate')
    .description('bring the schemas of Postgres and Cassandra up to this version; safe to repeat')
    .action(migrate);
  program
    .command('reset')
    .description('forget everything that the embedded stores keep in DATA_DIR')
    .option('--yes', 'do not ask')
    .action(reset);
}

async function migrate(): Promise<void> {
  const config = readConfig();
  const progress = showProgress('Migrating …', process.stderr);
  try {
    const { migrateStores } = await import('../app/migrate.ts');
    const logger = createLogger(config.log.level);
    const done = await migrateStores(config, { logger, onWaiting: (message) => progress.say(message) });
    progress.end();
    for (const step of done) process.stdout.write(`${step}\n`);
    process.stdout.write(done.length === 0 ? 'Everything was up to date.\n' : 'Done.\n');
  } finally {
    progress.end();
  }
}

async function reset({ yes = false }: { yes?: boolean }): Promise<void> {
  const { stores } = readConfig();
  if (stores.database.kind === 'postgres' && stores.cassandra !== null) {
    throw new Mistake(
      'Nothing is kept in DATA_DIR: DATABASE_URL and CASSANDRA_URL are set. Those stores are left alone.',
    );
  }
  const question = `Forget all people, channels and messages in ${stores.dataDir}?`;
  if (!yes && !(await isSure(question, 'forget everything'))) {
    process.stdout.write('Nothing was changed.\n');
    return;
  }
  const { resetEmbedded } = await import('../app/reset.ts');
  const hadSomething = await resetEmbedded(stores.dataDir);
  process.stdout.write(
    hadSomething
      ? `Forgot what was kept in ${stores.dataDir}.\n`
      : `Nothing of Backscroll is kept in ${stores.dataDir}; nothing was changed.\n`,
  );
}
