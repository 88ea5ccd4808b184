/** An import of a size that crosses buckets of the product's own size, stopped twice on its way. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { silentLogger } from '../../chat/logger.ts';
import { openRelational, type Relational } from '../../stores/relational/open.ts';
import { openSqliteLogs, type SqliteLogs } from '../../stores/sqlite/open.ts';
import { channelIdOf } from './ids.ts';
import { expectChannel } from './testing/expect-channel.ts';
import { writeExport } from './testing/generate-export.ts';
import { runImport } from './testing/run-import.ts';
import { importStores } from './testing/stores.ts';
import { channelsOf, type SyntheticSpec } from './testing/synthetic.ts';

/** The first channel has 4,447 messages; the full size (50,000) takes the same way. */
const spec: SyntheticSpec = { channels: 20, messages: 16_000, seed: 11, replies: 0.05, reacted: 0.02 };

let temporary: string;
let relational: Relational;
let logs: SqliteLogs;

beforeAll(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'backscroll-import-large-'));
  relational = await openRelational({ kind: 'pglite', dataDir: temporary }, silentLogger);
  await relational.migrate();
  logs = await openSqliteLogs({ dataDir: temporary });
});
afterAll(async () => {
  await Promise.all([relational.close(), logs.close()]);
  await rm(temporary, { recursive: true });
});

test('stopped twice and completed, every channel equals the export page by page', {
  timeout: 240_000,
}, async () => {
  const folder = join(temporary, 'export');
  await writeExport(folder, spec);
  const organization = await relational.organizations.create({
    slug: 'large',
    name: 'large',
    cell: 'default',
  });
  if (organization === null) throw new Error('a fresh slug is free');
  for (const stopAfter of [spec.messages / 4, spec.messages / 3, Number.POSITIVE_INFINITY]) {
    // Made anew each time, as a new process would: nothing is remembered but what the stores hold.
    const stores = importStores(relational, logs);
    const stopping = new AbortController();
    const { isComplete } = await runImport(folder, organization, stores, {
      signal: stopping.signal,
      onSaved: (total) => {
        if (total >= stopAfter) stopping.abort();
      },
    });
    expect(isComplete).toBe(stopAfter === Number.POSITIVE_INFINITY);
    await stores.closeLogs();
  }

  const { messages: log } = importStores(relational, logs);
  const people = await relational.users.page(organization.id, { limit: 200, backward: false });
  const handles = new Map(people.items.map(({ node }) => [node.id, node.handle]));
  let compared = 0;
  for (const [i, { id }] of channelsOf(spec).entries()) {
    const channel = { organizationId: organization.id, channelId: channelIdOf(organization.id, id) };
    compared += await expectChannel(log, channel, spec, i, (userId) => handles.get(userId));
  }
  expect(compared).toBe(spec.messages);
});
