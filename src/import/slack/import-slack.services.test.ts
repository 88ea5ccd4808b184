/** The same import on Postgres and Cassandra, stopped once and with two processes' worth of imports at once. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../../../test/services.ts';
import { silentLogger } from '../../chat/logger.ts';
import { migrateCassandra } from '../../stores/cassandra/migrate.ts';
import { type CassandraLogs, openCassandraLogs } from '../../stores/cassandra/open.ts';
import { scratchKeyspace } from '../../stores/cassandra/testing/scratch-keyspace.ts';
import { openRelational, type Relational } from '../../stores/relational/open.ts';
import { createDatabase, type TestDatabase } from '../../stores/relational/testing/databases.ts';
import { channelIdOf } from './ids.ts';
import { expectChannel } from './testing/expect-channel.ts';
import { writeExport } from './testing/generate-export.ts';
import { runImport } from './testing/run-import.ts';
import { importStores } from './testing/stores.ts';
import { channelsOf, type SyntheticSpec } from './testing/synthetic.ts';

const spec: SyntheticSpec = { channels: 6, messages: 1_800, seed: 5 };

await describeWith(['postgres', 'cassandra'], 'importing on Postgres and Cassandra', () => {
  let temporary: string;
  let database: TestDatabase;
  let relational: Relational;
  let logs: CassandraLogs;
  const keyspace = scratchKeyspace();

  beforeAll(async () => {
    temporary = await mkdtemp(join(tmpdir(), 'backscroll-import-services-'));
    await writeExport(temporary, spec);
    database = await createDatabase();
    relational = await openRelational({ kind: 'postgres', url: database.url }, silentLogger);
    await relational.migrate();
    await migrateCassandra({ url: keyspace.url, logger: silentLogger });
    logs = await openCassandraLogs({
      url: keyspace.url,
      allowPeriodicCommitlog: false,
      bucketSize: 512,
      logger: silentLogger,
    });
  });
  afterAll(async () => {
    await Promise.all([relational.close(), logs.close()]);
    await Promise.all([database.drop(), keyspace.drop(), rm(temporary, { recursive: true })]);
  });

  const fresh = () => importStores(relational, logs);

  test('stopped, then run twice at once, it equals the export', { timeout: 240_000 }, async () => {
    const organization = await relational.organizations.create({
      slug: 'acme',
      name: 'Acme',
      cell: 'default',
    });
    if (organization === null) throw new Error('a fresh slug is free');
    const stopping = new AbortController();
    const stopped = await runImport(temporary, organization, fresh(), {
      signal: stopping.signal,
      onSaved: (total) => {
        if (total >= 500) stopping.abort();
      },
    });
    expect(stopped.isComplete).toBe(false);
    const both = await Promise.all(
      [fresh(), fresh()].map((stores) => runImport(temporary, organization, stores)),
    );
    expect(both.map((result) => result.isComplete)).toEqual([true, true]);

    const people = await relational.users.page(organization.id, { limit: 200, backward: false });
    const handles = new Map(people.items.map(({ node }) => [node.id, node.handle]));
    let compared = 0;
    for (const [i, { id }] of channelsOf(spec).entries()) {
      const channel = { organizationId: organization.id, channelId: channelIdOf(organization.id, id) };
      compared += await expectChannel(fresh().messages, channel, spec, i, (userId) => handles.get(userId));
    }
    expect(compared).toBe(spec.messages);
  });
});
