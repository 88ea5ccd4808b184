/**
 * `import slack EXPORT`: a Slack export, zipped or unpacked, into one organization. Ctrl-C stops after what is under
 * way; running the same command again goes on.
 */
import { type Command, Option } from 'commander';
import { ChatError } from '../chat/errors.ts';
import type { Organization, OrganizationStore } from '../chat/people/port.ts';
import { importSlack } from '../import/slack/import-slack.ts';
import type { ImportStores, SubjectRule } from '../import/slack/run.ts';
import { observeImport } from './import-progress.ts';
import { summaryLines } from './import-summary.ts';
import { Mistake } from './mistake.ts';
import { stopOnSignals } from './stop-on-signals.ts';

/** What an import needs of the stores, opened for it and closed after it. */
export interface OpenedStores extends ImportStores {
  readonly organizations: OrganizationStore;
  close(): Promise<void>;
}

export interface ImportCommand {
  openStores(): Promise<OpenedStores>;
  /** Where the command speaks; a bar is drawn when this is a terminal. */
  readonly out: NodeJS.WriteStream;
  /** Pauses before further tries while a store does not answer; tests take shorter ones. */
  readonly pausesMs?: readonly number[];
}

export function registerImport(program: Command, command: ImportCommand): void {
  const importing = program.command('import').description('bring in what another chat server holds');
  importing
    .command('slack')
    .description(
      'people, channels, direct conversations and messages of a Slack export; run it again to go on',
    )
    .argument('<export>', 'the zip file as Slack gives it, or the folder it was unpacked to')
    .option('--org <slug>', 'organization to import into; may be left out when there is only one')
    .addOption(
      new Option('--subject <what>', "what an imported person's tokens have as `sub` (see docs/import.md)")
        .choices(['id', 'email', 'handle'])
        .default('id'),
    )
    .option('--public-only', 'leave out private channels and direct conversations')
    .action(async (path: string, options: ImportOptions) => {
      process.exitCode = await importExport(command, path, options);
    });
}

interface ImportOptions {
  readonly org?: string;
  readonly subject: SubjectRule;
  readonly publicOnly?: true;
}

/** Returns the exit code: 0 when it is complete, 130 or 143 when a signal stopped it. */
async function importExport(command: ImportCommand, path: string, options: ImportOptions): Promise<number> {
  const say = (line: string): void => void command.out.write(`${line}\n`);
  const stop = stopOnSignals(() => say('\nStopping after what is under way …'));
  let stores: OpenedStores | undefined;
  try {
    stores = await command.openStores();
    const organization = await organizationOf(stores.organizations, options.org);
    say(`Importing ${path} into ${organization.slug} …`);
    const progress = observeImport(command.out);
    let result: Awaited<ReturnType<typeof importSlack>>;
    try {
      result = await importSlack({
        path,
        organization,
        stores,
        subjectRule: options.subject,
        publicOnly: options.publicOnly === true,
        signal: stop.signal,
        observer: progress.observer,
        ...(command.pausesMs === undefined ? {} : { pausesMs: command.pausesMs }),
      });
    } finally {
      progress.close();
    }
    for (const line of summaryLines(result.tally)) say(line);
    if (result.isComplete) {
      say('Complete.');
      return 0;
    }
    say('Stopped. What is saved stays: run the same command again to go on.');
    return stop.exitCode ?? 1;
  } catch (error) {
    if (!(error instanceof ChatError)) throw error;
    throw new Mistake(`${error.message} What was saved stays: run the same command again to go on.`);
  } finally {
    await stores?.close();
    stop.release();
  }
}

async function organizationOf(store: OrganizationStore, slug: string | undefined): Promise<Organization> {
  if (slug !== undefined) {
    const found = await store.bySlug(slug);
    if (found !== null) return found;
    throw new Mistake(`There is no organization ${slug}. Make it first: npm run cli -- org create ${slug}`);
  }
  const all = await store.list();
  const [only] = all;
  if (only !== undefined && all.length === 1) return only;
  throw new Mistake(
    only === undefined
      ? 'There is no organization yet. Make one first: npm run cli -- org create SLUG'
      : `Say which organization with --org: ${all
          .slice(0, 10)
          .map((o) => o.slug)
          .join(', ')}${all.length > 10 ? ', …' : ''}`,
  );
}
