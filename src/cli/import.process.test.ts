/** The command as a process of its own: stopped by Ctrl-C, killed, run to the end, and run once more. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type OpenedImportStores, openImportStores } from '../app/import-stores.ts';
import { silentLogger } from '../chat/logger.ts';
import { readConfig } from '../config/config.ts';
import { channelIdOf } from '../import/slack/ids.ts';
import { expectChannel } from '../import/slack/testing/expect-channel.ts';
import { writeExport } from '../import/slack/testing/generate-export.ts';
import { channelsOf, peopleOf, type SyntheticSpec } from '../import/slack/testing/synthetic.ts';

const spec: SyntheticSpec = { channels: 12, messages: 3_000, seed: 9, replies: 0.08 };
const main = fileURLToPath(new URL('./main.ts', import.meta.url));

let temporary: string;
let environment: Record<string, string>;

beforeAll(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'backscroll-import-process-'));
  environment = { DATA_DIR: join(temporary, 'data'), PATH: '' };
  await writeExport(join(temporary, 'export'), spec);
  await withStores((stores) => stores.organizations.create({ slug: 'acme', name: 'Acme', cell: 'default' }));
});
afterAll(() => rm(temporary, { recursive: true }));

async function withStores<T>(work: (stores: OpenedImportStores) => Promise<T>): Promise<T> {
  const stores = await openImportStores(readConfig(environment), { logger: silentLogger });
  try {
    return await work(stores);
  } finally {
    await stores.close();
  }
}

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly text: string;
}

/** @param stop sent when the first channel is done: the longer ones are under way then. */
function importOnce(stop?: NodeJS.Signals): Promise<Ended> {
  const args = [main, 'import', 'slack', join(temporary, 'export')];
  const child = spawn(process.execPath, args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  const hear = (chunk: Buffer): void => {
    text += chunk.toString();
    // More than once, as npm may: the same signal a moment later changes nothing.
    if (stop !== undefined && text.includes(' messages added')) child.kill(stop);
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const { promise, resolve, reject } = Promise.withResolvers<Ended>();
  child.on('error', reject);
  child.on('close', (code, signal) => resolve({ code, signal, text }));
  return promise;
}

test('Ctrl-C, kill -9 and a repeat leave the export, whole and once', { timeout: 300_000 }, async () => {
  const stopped = await importOnce('SIGINT');
  expect(stopped).toMatchObject({ code: 130, text: expect.stringContaining('run the same command again') });
  const killed = await importOnce('SIGKILL');
  expect(killed).toMatchObject({ signal: 'SIGKILL' });
  const completed = await importOnce();
  expect(completed).toMatchObject({ code: 0, text: expect.stringContaining('Complete.') });
  expect(completed.text, 'there was something left to do').not.toMatch(/\n\s+0\s+messages\n/);
  const again = await importOnce();
  expect(again).toMatchObject({ code: 0, text: expect.stringMatching(/\n\s+0\s+messages\n/) });

  await withStores(async ({ organizations, users, messages }) => {
    const organization = await organizations.bySlug('acme');
    if (organization === null) throw new Error('made above');
    const handles = peopleOf(spec).map(({ handle }) => handle);
    const people = new Map(
      (await users.byHandles(organization.id, handles)).map((user) => [user.id, user.handle]),
    );
    let compared = 0;
    for (const [i, { id }] of channelsOf(spec).entries()) {
      const channel = { organizationId: organization.id, channelId: channelIdOf(organization.id, id) };
      compared += await expectChannel(messages, channel, spec, i, (userId) => people.get(userId));
    }
    expect(compared).toBe(spec.messages);
  });
});
