import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { Command } from 'commander';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { unavailable } from '../chat/errors.ts';
import { silentLogger } from '../chat/logger.ts';
import { writeExport } from '../import/slack/testing/generate-export.ts';
import { importStores } from '../import/slack/testing/stores.ts';
import { openRelational, type Relational } from '../stores/relational/open.ts';
import { openSqliteLogs, type SqliteLogs } from '../stores/sqlite/open.ts';
import { type OpenedStores, registerImport } from './import.ts';

let temporary: string;
let folder: string;
let relational: Relational;
let logs: SqliteLogs;
let stores: ReturnType<typeof importStores>;

beforeAll(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'backscroll-import-cli-'));
  folder = join(temporary, 'export');
  await writeExport(folder, { channels: 3, messages: 300 });
  relational = await openRelational({ kind: 'pglite', dataDir: temporary }, silentLogger);
  await relational.migrate();
  logs = await openSqliteLogs({ dataDir: temporary });
  stores = importStores(relational, logs);
});
afterAll(async () => {
  await stores.closeLogs();
  await Promise.all([relational.close(), logs.close()]);
  await rm(temporary, { recursive: true });
});
afterEach(() => {
  process.exitCode = 0;
});

interface Said {
  readonly text: string;
  readonly exitCode: typeof process.exitCode;
  readonly closed: number;
}

/** Runs the command as main.ts does, on a stream of our own. */
async function run(
  args: readonly string[],
  options: { isTerminal?: boolean; stores?: Partial<OpenedStores> } = {},
): Promise<Said> {
  let text = '';
  let closed = 0;
  const out = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  const program = new Command();
  registerImport(program, {
    openStores: async () => ({
      ...stores,
      organizations: relational.organizations,
      ...options.stores,
      close: async () => {
        closed += 1;
      },
    }),
    pausesMs: [1, 1],
    // The few members of a terminal that the command touches.
    out: Object.assign(out, {
      isTTY: options.isTerminal ?? false,
      columns: 100,
    }) as unknown as NodeJS.WriteStream,
  });
  try {
    await program.parseAsync(['import', 'slack', ...args], { from: 'user' });
  } catch (error) {
    // What main.ts does with it.
    text += (error as Error).message;
    process.exitCode = 1;
  }
  return { text, exitCode: process.exitCode, closed };
}

const org = async (slug: string): Promise<string> => {
  await relational.organizations.create({ slug, name: slug, cell: 'default' });
  return slug;
};

describe('import slack', () => {
  test('says what it did, line by line where there is no terminal', async () => {
    const { text, exitCode, closed } = await run([folder, '--org', await org('lines')]);
    expect(exitCode).toBe(0);
    expect(closed).toBe(1);
    expect(text).toMatch(/#team-0: \d+ messages added/);
    expect(text).toMatch(/300\s+messages\n/);
    const added = [...text.matchAll(/: (\d+) messages added/g)].map((found) => Number(found[1]));
    expect(
      added.reduce((a, b) => a + b, 0),
      'threads are counted with their channel',
    ).toBe(300);
    expect(text).toMatch(/40\s+people\n/);
    expect(text).toMatch(/120\s+members of channels\n/);
    expect(text).toContain('Kept in metadata, not shown');
    expect(text.trimEnd().endsWith('Complete.')).toBe(true);
    expect(text).not.toContain('\u001b');
  });

  test('draws a bar on a terminal', async () => {
    const { text } = await run([folder, '--org', await org('terminal')], { isTerminal: true });
    expect(text).toContain('\u001b');
    expect(text).toContain('300 messages');
  });

  test('names in an export cannot steer the terminal', async () => {
    const evil = join(temporary, 'evil');
    await writeExport(evil, { channels: 1, messages: 1 });
    await writeFile(join(evil, 'channels.json'), JSON.stringify([{ id: 'C1', name: 'a\u001b[2Jb' }]));
    const { text } = await run([evil, '--org', await org('evil')]);
    expect(text).not.toContain('\u001b');
    expect(text).toContain('a?[2Jb');
  });

  test('Ctrl-C stops after what is under way, says how to go on, and a second run completes it', async () => {
    const slug = await org('stopped');
    const listeners = process.listenerCount('SIGINT');
    let count = 0;
    const append: typeof stores.messages.append = (channel, send) => {
      count += 1;
      // npm hands on the signal that the terminal has sent already: it is the same one.
      if (count === 5 || count === 6) process.emit('SIGINT', 'SIGINT');
      return stores.messages.append(channel, send);
    };
    const stopped = await run([folder, '--org', slug], {
      stores: { messages: { ...stores.messages, append } },
    });
    expect(stopped.exitCode).toBe(130);
    expect(stopped.text).toContain('Stopping after what is under way');
    expect(stopped.text).toContain('run the same command again to go on');
    expect(stopped.closed).toBe(1);
    expect(process.listenerCount('SIGINT')).toBe(listeners);
    const resumed = await run([folder, '--org', slug]);
    expect(resumed.exitCode).toBe(0);
    const again = await run([folder, '--org', slug]);
    expect(again.text).toMatch(/\n\s+0\s+messages\n/);
    expect(again.text).toMatch(/300\s+messages that were there already/);
  });

  test('without --org it takes the only organization, otherwise it asks', async () => {
    const several = await run([folder]);
    expect(several.exitCode).toBe(1);
    expect(several.text).toContain('Say which organization with --org');
    const only = await relational.organizations.bySlug(await org('only'));
    const organizations = {
      ...relational.organizations,
      list: async () => (only === null ? [] : [{ ...only, people: 0 }]),
    };
    const one = await run([folder], { stores: { organizations } });
    expect(one.text).toContain('into only');
    expect(one.exitCode).toBe(0);
    const none = await run([folder], {
      stores: { organizations: { ...organizations, list: async () => [] } },
    });
    expect(none.text).toContain('org create SLUG');
    expect(none.exitCode).toBe(1);
  });

  test('refuses an organization or a folder that is not there, in one line', async () => {
    const nobody = await run([folder, '--org', 'nobody']);
    expect(nobody.text).toBe(
      'There is no organization nobody. Make it first: npm run cli -- org create nobody',
    );
    const nothing = await run([join(temporary, 'nothing'), '--org', await org('nothing')]);
    expect(nothing.text).toContain(`There is no folder or zip file ${join(temporary, 'nothing')}.`);
    expect([nobody.exitCode, nothing.exitCode]).toEqual([1, 1]);
    expect([nobody.closed, nothing.closed]).toEqual([1, 1]);
  });

  test('a database that does not answer is said, with how to go on', async () => {
    let tries = 0;
    const provision = () => {
      tries += 1;
      return Promise.reject(unavailable('database'));
    };
    const users = { ...relational.users, provision };
    const { text, exitCode } = await run([folder, '--org', await org('away')], { stores: { users } });
    expect(exitCode).toBe(1);
    expect(tries, 'eight people at once, each tried three times').toBe(24);
    expect(text).toContain('The database does not answer.');
    expect(text).toContain('run the same command again to go on');
  });
});
