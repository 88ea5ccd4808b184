import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MessageEntry } from '../../chat/log/entries.ts';
import type { Log } from '../../chat/log/log.ts';
import type { LogRow } from '../../chat/log/port.ts';
import { silentLogger } from '../../chat/logger.ts';
import type { Organization } from '../../chat/people/port.ts';
import { openRelational, type Relational } from '../../stores/relational/open.ts';
import { openSqliteLogs, type SqliteLogs } from '../../stores/sqlite/open.ts';
import { channelIdOf } from './ids.ts';
import { expectChannel } from './testing/expect-channel.ts';
import { writeExport } from './testing/generate-export.ts';
import { runImport } from './testing/run-import.ts';
import { importStores } from './testing/stores.ts';
import { channelsOf, peopleOf, type SyntheticSpec } from './testing/synthetic.ts';

let temporary: string;
let relational: Relational;
let logs: SqliteLogs;
let log: Log<MessageEntry>;
let stores: ReturnType<typeof importStores>;
let organizations = 0;

beforeAll(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'backscroll-import-'));
  relational = await openRelational({ kind: 'pglite', dataDir: temporary }, silentLogger);
  await relational.migrate();
  // Small buckets, so that every longer channel crosses many.
  logs = await openSqliteLogs({ dataDir: temporary, bucketSize: 64 });
  stores = importStores(relational, logs);
  log = stores.messages;
});
afterAll(async () => {
  await stores.closeLogs();
  await Promise.all([relational.close(), logs.close()]);
  await rm(temporary, { recursive: true });
});

/** Each test imports into an organization of its own. */
async function freshOrganization(): Promise<Organization> {
  organizations += 1;
  const slug = `org-${organizations}`;
  const made = await relational.organizations.create({ slug, name: slug, cell: 'default' });
  if (made === null) throw new Error('a fresh slug is free');
  return made;
}

async function freshFolder(): Promise<string> {
  return mkdtemp(join(temporary, 'export-'));
}

async function handlesIn(organization: Organization): Promise<(userId: string) => string | undefined> {
  const slice = await relational.users.page(organization.id, { limit: 200, backward: false });
  const handles = new Map(slice.items.map(({ node }) => [node.id, node.handle]));
  return (id) => handles.get(id);
}

/** An export written by hand. */
async function writtenExport(files: Readonly<Record<string, unknown>>): Promise<string> {
  const folder = await freshFolder();
  const all = { 'users.json': [], 'channels.json': [], ...files };
  for (const [path, content] of Object.entries(all)) {
    await mkdir(join(folder, path, '..'), { recursive: true });
    await writeFile(join(folder, path), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return folder;
}

const users = [
  { id: 'U1', name: 'ada', profile: { real_name: 'Ada Lovelace', email: 'Ada@Example.com' } },
  {
    id: 'U2',
    name: 'grace',
    deleted: true,
    profile: { real_name: 'Grace Hopper', email: 'grace@example.com' },
  },
  { id: 'U3', name: 'deploybot', is_bot: true, real_name: 'Deploy' },
];
const general = {
  id: 'C1',
  name: 'general',
  creator: 'U1',
  members: ['U1', 'U2', 'U3'],
  created: 1_577_000_000,
};

/** A short channel, whole. */
async function rowsIn(organization: Organization, slackId = 'C1'): Promise<readonly LogRow<MessageEntry>[]> {
  const channel = { organizationId: organization.id, channelId: channelIdOf(organization.id, slackId) };
  const [head = 0] = await log.heads([channel]);
  return head === 0 ? [] : log.range(channel, 1, head);
}

/** The threads of a short channel, by their roots. */
async function threadsIn(
  organization: Organization,
  slackId = 'C1',
): Promise<readonly { readonly root: number; readonly entries: readonly MessageEntry[] }[]> {
  const found = [];
  for (const { seq, entry } of await rowsIn(organization, slackId)) {
    const channelId = entry.projection?.threadId;
    if (channelId === undefined) continue;
    const thread = { organizationId: organization.id, channelId };
    const [head = 0] = await log.heads([thread]);
    found.push({ root: seq, entries: (await log.range(thread, 1, head)).map((row) => row.entry) });
  }
  return found;
}

const entriesIn = async (organization: Organization): Promise<readonly MessageEntry[]> =>
  (await rowsIn(organization)).map(({ entry }) => entry);

describe('importing a Slack export', () => {
  test('20 channels read back equal to the export, with people, members and nothing unread', {
    timeout: 120_000,
  }, async () => {
    const spec: SyntheticSpec = { channels: 20, messages: 2_000, seed: 7 };
    const folder = await freshFolder();
    await writeExport(folder, spec);
    const organization = await freshOrganization();
    const { tally, isComplete, problems } = await runImport(folder, organization, stores);
    expect({ isComplete, problems }).toEqual({ isComplete: true, problems: [] });
    expect(tally.of('people')).toBe(peopleOf(spec).length);
    expect(tally.of('channels')).toBe(20);

    const handleOf = await handlesIn(organization);
    let compared = 0;
    for (const [i, { id, name }] of channelsOf(spec).entries()) {
      const channelId = channelIdOf(organization.id, id);
      const channel = { organizationId: organization.id, channelId };
      compared += await expectChannel(log, channel, spec, i, handleOf);
      const [head] = await log.heads([channel]);
      const members = await relational.memberships.pageOfChannel(organization.id, channelId, {
        limit: 200,
        backward: false,
      });
      expect(members.items).toHaveLength(peopleOf(spec).length);
      expect(new Set(members.items.map(({ node }) => node.checkpoint))).toEqual(new Set([head]));
      expect(members.items.filter(({ node }) => node.role === 'ADMIN')).toHaveLength(1);
      expect(await relational.channels.byHandle(organization.id, name)).toMatchObject({
        id: channelId,
        type: 'CHANNEL',
        visibility: 'PUBLIC',
        topic: `All about ${name}`,
      });
    }
    expect(compared).toBe(2_000);
    expect(await relational.outbox.due(0, 10), 'members are not announced').toEqual([]);
  });

  test('stopped again and again, it ends the same; then a further run adds nothing', {
    timeout: 120_000,
  }, async () => {
    const spec: SyntheticSpec = { channels: 5, messages: 1_500, seed: 3 };
    const folder = await freshFolder();
    await writeExport(folder, spec);
    const organization = await freshOrganization();
    let runs = 0;
    for (let isComplete = false; !isComplete; runs += 1) {
      const stopping = new AbortController();
      const result = await runImport(folder, organization, stores, {
        window: 16,
        signal: stopping.signal,
        onSaved: (total) => {
          if (total >= 250) stopping.abort();
        },
      });
      isComplete = result.isComplete;
      if (!isComplete) {
        const [longest] = await relational.channels.byIds(organization.id, [
          channelIdOf(organization.id, 'C00000000'),
        ]);
        expect(longest).toBeDefined();
      }
    }
    expect(runs).toBeGreaterThan(3);
    const handleOf = await handlesIn(organization);
    for (const [i, { id }] of channelsOf(spec).entries()) {
      const channel = { organizationId: organization.id, channelId: channelIdOf(organization.id, id) };
      await expectChannel(log, channel, spec, i, handleOf);
    }
    const { tally } = await runImport(folder, organization, stores);
    const added = (['people', 'channels', 'messages', 'memberships'] as const).map((c) => tally.of(c));
    expect(added).toEqual([0, 0, 0, 0]);
    expect(tally.of('alreadyThere')).toBeGreaterThanOrEqual(1_500);
  });

  test('a channel has no members before it is complete, and those who left are not brought back', async () => {
    const spec: SyntheticSpec = { channels: 1, messages: 300 };
    const folder = await freshFolder();
    await writeExport(folder, spec);
    const organization = await freshOrganization();
    const channelId = channelIdOf(organization.id, 'C00000000');
    const count = async (): Promise<number> =>
      (await relational.channels.memberCounts(organization.id, [channelId])).get(channelId) ?? 0;
    const stopping = new AbortController();
    await runImport(folder, organization, stores, {
      signal: stopping.signal,
      onSaved: () => stopping.abort(),
    });
    expect(await count()).toBe(0);
    await runImport(folder, organization, stores);
    expect(await count()).toBe(40);
    const [leaver] = await relational.users.byHandles(organization.id, ['grace.1']);
    const userId = leaver?.id ?? '';
    await relational.memberships.remove({
      organizationId: organization.id,
      channelId,
      userId,
      actorId: userId,
    });
    await runImport(folder, organization, stores);
    expect(await count()).toBe(39);
  });

  test('people: deleted ones are deactivated, bots are bots, names and pictures come along', async () => {
    const folder = await writtenExport({
      'users.json': [
        ...users,
        { id: 'U4', name: 'José Núñez', profile: { image_192: 'https://a.example/p.png' } },
        { id: 'U5', name: 'ada', profile: { display_name: 'Another Ada', image_72: 'javascript:alert(1)' } },
        { name: 'nobody' },
      ],
    });
    const organization = await freshOrganization();
    const { tally } = await runImport(folder, organization, stores);
    const slice = await relational.users.page(organization.id, { limit: 50, backward: false });
    const byHandle = Object.fromEntries(slice.items.map(({ node }) => [node.handle, node]));
    expect(byHandle.ada).toMatchObject({ name: 'Ada Lovelace', subject: 'slack:U1', deactivatedAt: null });
    expect(byHandle['ada-2']).toMatchObject({ name: 'Another Ada', avatarUrl: null });
    expect(byHandle.grace?.deactivatedAt).toBeInstanceOf(Date);
    expect(byHandle.deploybot?.isBot).toBe(true);
    expect(byHandle['jose-nunez']?.avatarUrl).toBe('https://a.example/p.png');
    expect([tally.of('people'), tally.of('badPeople')]).toEqual([5, 1]);
  });

  test('by e-mail address, a person who is here already stays the same; a deleted one never shuts them out', async () => {
    const folder = await writtenExport({ 'users.json': users });
    const organization = await freshOrganization();
    const person = (subject: string, handle: string) =>
      relational.users.provision({ organizationId: organization.id, subject, handle, name: handle });
    const ada = await person('ada@example.com', 'ada');
    await person('grace@example.com', 'grace');
    await runImport(folder, organization, stores, { subjectRule: 'email' });
    const here = await relational.users.byHandles(organization.id, ['ada', 'ada-2', 'grace', 'grace-2']);
    expect(here.find((u) => u.handle === 'ada')?.id).toBe(ada.id);
    expect(here.map((u) => [u.handle, u.deactivatedAt === null]).sort()).toEqual([
      ['ada', true],
      ['grace', true],
      ['grace-2', false],
    ]);
  });

  test('by handle, people whose names look alike here stay two', async () => {
    const folder = await writtenExport({
      'users.json': [
        { id: 'U1', name: 'josé' },
        { id: 'U2', name: 'jose' },
      ],
    });
    const organization = await freshOrganization();
    await runImport(folder, organization, stores, { subjectRule: 'handle' });
    const here = await relational.users.byHandles(organization.id, ['jose', 'jose-2']);
    expect(here.map((u) => u.subject).sort()).toEqual(['jose', 'slack:U2']);
  });

  test('messages of every kind: without text, by strangers, by bots, from the future, twice', async () => {
    const day = [
      {
        type: 'message',
        user: 'U1',
        ts: '1577836803.000100',
        text: '',
        files: [{ id: 'F1', name: 'a<b.png' }],
      },
      {
        type: 'message',
        user: 'U8',
        user_profile: { real_name: 'Guest', name: 'guest' },
        ts: '1577836801.0001',
        text: 'hi',
      },
      {
        type: 'message',
        subtype: 'bot_message',
        bot_id: 'B1',
        username: 'CI',
        ts: '1577836802.000100',
        attachments: [{ title: 'Build', fallback: 'it failed <@U1>' }],
      },
      { type: 'message', ts: '1577836804.000100', text: 'from nobody' },
      { type: 'message', user: 'U1', ts: '99999999999.000100', text: 'tomorrow' },
      { type: 'message', user: 'U1', ts: '1577836804.000100', text: 'twice' },
      { type: 'message', user: 'U1', text: 'no time' },
      { type: 'something', ts: '1577836805.000100' },
      null,
      {
        type: 'message',
        user: 'U1',
        ts: '1577836806.000100',
        text: '<@U1> <#C1> <!here>',
        thread_ts: '1577836803.000100',
      },
    ];
    const folder = await writtenExport({
      'users.json': users,
      'channels.json': [general],
      'general/2020-01-01.json': day,
    });
    const organization = await freshOrganization();
    const before = Date.now();
    const { tally, problems } = await runImport(folder, organization, stores);
    const handleOf = await handlesIn(organization);
    expect((await entriesIn(organization)).map((e) => [handleOf(e.authorId), e.text])).toEqual([
      ['guest', 'hi'],
      ['ci', 'Build\nit failed @ada'],
      ['ada', '[a<b.png]'],
      ['slack-unknown', 'from nobody'],
      ['ada', 'tomorrow'],
    ]);
    expect((await entriesIn(organization))[2]?.metadata).toEqual({
      slack: { ts: '1577836803.000100', hasNoText: true, files: [{ id: 'F1', name: 'a<b.png' }] },
    });
    expect((await rowsIn(organization)).at(-1)?.at).toBeGreaterThanOrEqual(before);
    expect((await rowsIn(organization)).at(-1)?.at).toBeLessThanOrEqual(Date.now());
    expect(problems).toEqual(['general/2020-01-01.json: 3 of 10 entries are no messages and are left out']);
    const counted = [
      'badMessages',
      'repeated',
      'madeTexts',
      'files',
      'strangers',
      'futureTimes',
      'replies',
    ] as const;
    expect(counted.map((c) => tally.of(c))).toEqual([3, 1, 2, 1, 3, 1, 1]);
    const [thread] = await threadsIn(organization);
    expect(thread?.entries.map((e) => e.text)).toEqual(['@ada #general @here']);
  });

  test('unreadable files are named, counted and passed over; the rest is imported', async () => {
    const message = (n: number) => ({
      type: 'message',
      user: 'U1',
      ts: `15778368${n}.000100`,
      text: `n ${n}`,
    });
    const folder = await writtenExport({
      'users.json': users,
      'channels.json': [
        general,
        { id: 'C2', name: '../general' },
        { id: 'C1', name: 'again' },
        { id: 'C3', name: 'gone' },
      ],
      'general/2020-01-01.json': [message(10)],
      'general/2020-01-02.json': '[{"type":"mess',
      'general/2020-01-03.json': { messages: [] },
      'general/2020-01-04.json': '',
      'general/2020-01-05.json': [message(20)],
      'general/notes.txt': 'x',
      'groups.json': [{ id: 'G1' }, { id: 'G2' }],
    });
    const organization = await freshOrganization();
    const { tally, problems, isComplete } = await runImport(folder, organization, stores);
    expect(isComplete).toBe(true);
    expect((await entriesIn(organization)).map((e) => e.text)).toEqual(['n 10', 'n 20']);
    expect([tally.of('badFiles'), tally.of('badChannels')]).toEqual([3, 4]);
    expect(problems.join('\n')).toContain(
      'general/2020-01-02.json: line 1 (entry 1): the file ends in the middle: it was cut short. Passed over: mend it',
    );
    expect(problems.join('\n')).toContain('general/2020-01-03.json: is not a list');
    expect(problems.join('\n')).toContain('general/2020-01-04.json: is empty');
    expect(problems.join('\n')).toContain('gone: has no folder');
    // Repaired later: what belongs between comes late rather than never, with its own time in the metadata.
    await writeFile(join(folder, 'general/2020-01-02.json'), JSON.stringify([message(15)]));
    const again = await runImport(folder, organization, stores);
    expect((await entriesIn(organization)).map((e) => e.text)).toEqual(['n 10', 'n 20', 'n 15']);
    expect((await entriesIn(organization))[2]?.metadata).toEqual({ slack: { ts: '1577836815.000100' } });
    expect(again.tally.of('late')).toBe(1);
  });

  test('a long text becomes several messages', async () => {
    const text = `<@U1> ${'word '.repeat(7_000)}`;
    const folder = await writtenExport({
      'users.json': users,
      'channels.json': [general],
      'general/2020-01-01.json': [
        { type: 'message', user: 'U1', ts: '1577836801.000100', text, subtype: 'x' },
      ],
    });
    const organization = await freshOrganization();
    await runImport(folder, organization, stores);
    await runImport(folder, organization, stores);
    const parts = await entriesIn(organization);
    expect(parts.map((e) => e.text).join('')).toBe(text.replace('<@U1>', '@ada'));
    expect(parts.map((e) => e.metadata)).toEqual([
      { slack: { ts: '1577836801.000100', part: 1, parts: 3, subtype: 'x' } },
      { slack: { ts: '1577836801.000100', part: 2, parts: 3 } },
      { slack: { ts: '1577836801.000100', part: 3, parts: 3 } },
    ]);
    expect(new Set(parts.map((e) => e.clientMessageId)).size).toBe(3);
  });

  test('archived channels stay archived, a taken handle gets a number, topics fit', async () => {
    const folder = await writtenExport({
      'users.json': users,
      'channels.json': [
        { ...general, is_archived: true, topic: { value: 'a &amp; b' }, purpose: { value: 'For <@U1>' } },
        { id: 'C2', name: 'random', purpose: { value: 'x'.repeat(2_000) } },
      ],
      'general/2020-01-01.json': [],
      'random/2020-01-01.json': [],
    });
    const organization = await freshOrganization();
    await relational.channels.create({
      id: '00000000-0000-4000-8000-000000000001',
      organizationId: organization.id,
      type: 'CHANNEL',
      visibility: 'PUBLIC',
      postingPolicy: 'EVERYONE',
      name: 'general',
      handle: 'general',
      topic: '',
      creatorId: null,
      memberIds: [],
    });
    const { tally } = await runImport(folder, organization, stores);
    const imported = await relational.channels.byHandle(organization.id, 'general-2');
    expect(imported).toMatchObject({ name: 'general', topic: 'a & b | For @ada' });
    expect(imported?.archivedAt).toBeInstanceOf(Date);
    expect(imported?.createdAt).toEqual(new Date(1_577_000_000_000));
    expect((await relational.channels.byHandle(organization.id, 'random'))?.topic).toHaveLength(1_000);
    expect([tally.of('renamedChannels'), tally.of('shortenedTopics')]).toEqual([1, 1]);
  });

  test('two organizations import the same export and share nothing', async () => {
    const folder = await writtenExport({
      'users.json': users,
      'channels.json': [general],
      'general/2020-01-01.json': [{ type: 'message', user: 'U1', ts: '1577836801.000100', text: 'hello' }],
    });
    const [one, two] = [await freshOrganization(), await freshOrganization()];
    await runImport(folder, one, stores);
    await runImport(folder, two, stores);
    const [first, second] = [await entriesIn(one), await entriesIn(two)];
    expect([first.length, second.length]).toEqual([1, 1]);
    expect(first[0]?.authorId).not.toBe(second[0]?.authorId);
    expect(first[0]?.clientMessageId).not.toBe(second[0]?.clientMessageId);
  });

  test('what is no export is refused, saying what is missing', async () => {
    const organization = await freshOrganization();
    const refusal = (folder: string) =>
      runImport(folder, organization, stores).then(String, (e: Error) => e.message);
    const folder = await freshFolder();
    expect(await refusal(join(folder, 'none'))).toContain('There is no folder or zip file');
    expect(await refusal(folder)).toContain('users.json and channels.json not found');
    await writeFile(join(folder, 'users.json'), '{');
    expect(await refusal(folder)).toContain('not a Slack export: channels.json not found');
    expect(await refusal(join(folder, 'users.json'))).toContain('is not a whole zip file');
    await writeFile(join(folder, 'channels.json'), '[]');
    expect(await refusal(folder)).toContain('users.json: is not a list');
    expect(await readFile(join(folder, 'users.json'), 'utf8')).toBe('{');
  });
});
