/** An import's stores on a temporary folder, with a fresh organization for each test and ways to look at what came. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Channel } from '../../../chat/channels/port.ts';
import type { MessageEntry } from '../../../chat/log/entries.ts';
import type { LogRow } from '../../../chat/log/port.ts';
import { silentLogger } from '../../../chat/logger.ts';
import { contentNow } from '../../../chat/messages/content.ts';
import type { Organization } from '../../../chat/people/port.ts';
import { openRelational, type Relational } from '../../../stores/relational/open.ts';
import { openSqliteLogs } from '../../../stores/sqlite/open.ts';
import { channelIdOf } from '../ids.ts';
import { importStores } from './stores.ts';

export type Files = Readonly<Record<string, unknown>>;

export interface World {
  readonly temporary: string;
  readonly relational: Relational;
  readonly stores: ReturnType<typeof importStores>;
  organization(): Promise<Organization>;
  /** An export written by hand; strings as they are, the rest as JSON. */
  folder(files: Files): Promise<string>;
  handles(organization: Organization): Promise<ReadonlyMap<string, string>>;
  channel(organization: Organization, slackId: string): Promise<Channel | undefined>;
  /** All rows of a short log. */
  rows(organization: Organization, channelId: string): Promise<readonly LogRow<MessageEntry>[]>;
  texts(organization: Organization, channelId: string): Promise<readonly string[]>;
  close(): Promise<void>;
}

export async function openWorld(): Promise<World> {
  const temporary = await mkdtemp(join(tmpdir(), 'backscroll-import-'));
  const relational = await openRelational({ kind: 'pglite', dataDir: temporary }, silentLogger);
  await relational.migrate();
  const logs = await openSqliteLogs({ dataDir: temporary, bucketSize: 64 });
  const stores = importStores(relational, logs);
  let organizations = 0;
  const world: World = {
    temporary,
    relational,
    stores,
    async organization() {
      organizations += 1;
      const slug = `org-${organizations}`;
      const made = await relational.organizations.create({ slug, name: slug, cell: 'default' });
      if (made === null) throw new Error('a fresh slug is free');
      return made;
    },
    async folder(files) {
      const folder = await mkdtemp(join(temporary, 'export-'));
      for (const [path, content] of Object.entries(files)) {
        await mkdir(join(folder, path, '..'), { recursive: true });
        await writeFile(join(folder, path), typeof content === 'string' ? content : JSON.stringify(content));
      }
      return folder;
    },
    async handles({ id }) {
      const { items } = await relational.users.page(id, { limit: 200, backward: false });
      return new Map(items.map(({ node }) => [node.id, node.handle]));
    },
    async channel({ id }, slackId) {
      const [channel] = await relational.channels.byIds(id, [channelIdOf(id, slackId)]);
      return channel;
    },
    async rows({ id }, channelId) {
      const channel = { organizationId: id, channelId };
      const [head = 0] = await stores.messages.heads([channel]);
      return head === 0 ? [] : stores.messages.range(channel, 1, head);
    },
    async texts(organization, channelId) {
      return (await world.rows(organization, channelId)).map(({ entry }) => contentNow(entry).text);
    },
    async close() {
      await stores.closeLogs();
      await Promise.all([relational.close(), logs.close()]);
      await rm(temporary, { recursive: true });
    },
  };
  return world;
}
