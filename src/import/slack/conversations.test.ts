/** Which conversations an export has, as what they come, and who may read them. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Organization } from '../../chat/people/port.ts';
import { channelIdOf } from './ids.ts';
import { runImport } from './testing/run-import.ts';
import { type Files, openWorld, type World } from './testing/world.ts';
import { writeZip } from './testing/zip.ts';

let world: World;

beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const users = ['ada', 'grace', 'alan', 'ken'].map((name, i) => ({ id: `U${i + 1}`, name }));
const say = (user: string, n: number, text = `n ${n}`) => ({
  type: 'message',
  user,
  ts: `15778368${n}.000100`,
  text,
});

const workspace: Files = {
  'users.json': users,
  'channels.json': [{ id: 'C1', name: 'general', creator: 'U1', members: ['U1', 'U2'] }],
  'groups.json': [{ id: 'G1', name: 'board', creator: 'U1', members: ['U1', 'U2'] }],
  'dms.json': [
    { id: 'D1', members: ['U1', 'U2'] },
    { id: 'D2', members: ['U1', 'U1'] },
    { id: 'D3', members: ['U1', 'USLACKBOT'] },
    { id: 'D4', members: ['U2', 'U3'] },
    { id: 'D5', members: ['U2', 'U1'] },
    { members: ['U1'] },
  ],
  'mpims.json': [
    { id: 'G2', name: 'mpdm-ada--grace--alan-1', members: ['U1', 'U2', 'U3'] },
    { id: 'G3', name: 'mpdm-many-1', members: Array.from({ length: 10 }, (_, i) => `U${i + 1}`) },
  ],
  'general/2020-01-01.json': [say('U1', 10)],
  'board/2020-01-01.json': [say('U1', 20, 'secret <#C1>')],
  'D1/2020-01-01.json': [say('U1', 30), say('U2', 31)],
  'D2/2020-01-01.json': [say('U1', 32)],
  'D3/2020-01-01.json': [say('USLACKBOT', 33)],
  'D5/2020-01-02.json': [say('U2', 34)],
  'mpdm-ada--grace--alan-1/2020-01-01.json': [say('U3', 40)],
  'mpdm-many-1/2020-01-01.json': [say('U1', 50)],
  'canvases.json': [],
};

async function membersOf(organization: Organization, channelId: string) {
  const handles = await world.handles(organization);
  const page = { limit: 50, backward: false };
  const { items } = await world.relational.memberships.pageOfChannel(organization.id, channelId, page);
  return items.map(({ node }) => `${handles.get(node.userId)} ${node.checkpoint}`).sort();
}

async function expectWorkspace(organization: Organization): Promise<void> {
  const board = await world.channel(organization, 'G1');
  expect(board).toMatchObject({ type: 'CHANNEL', visibility: 'PRIVATE', handle: 'board' });
  expect(await world.texts(organization, board?.id ?? '')).toEqual(['secret #general']);
  expect(await membersOf(organization, board?.id ?? '')).toEqual(['ada 1', 'grace 1']);

  const two = await world.channel(organization, 'D1');
  expect(two).toMatchObject({ type: 'DM', visibility: 'PRIVATE' });
  // Slack had two of the same people.
  expect(await world.texts(organization, two?.id ?? '')).toEqual(['n 30', 'n 31', 'n 34']);
  expect(await membersOf(organization, two?.id ?? '')).toEqual(['ada 3', 'grace 3']);

  const self = await world.channel(organization, 'D2');
  expect(await membersOf(organization, self?.id ?? '')).toEqual(['ada 1']);
  const bot = await world.channel(organization, 'D3');
  expect(await membersOf(organization, bot?.id ?? '')).toEqual(['ada 1', 'slack-uslackbot 1']);
  expect(await world.channel(organization, 'D4'), 'nothing was said').toBeUndefined();

  const group = await world.channel(organization, 'G2');
  expect(group).toMatchObject({ type: 'DM' });
  expect(await membersOf(organization, group?.id ?? '')).toEqual(['ada 1', 'alan 1', 'grace 1']);
  const many = await world.channel(organization, 'G3');
  expect(many).toMatchObject({ type: 'CHANNEL', visibility: 'PRIVATE', name: 'mpdm-many-1' });
}

describe('the conversations of a workspace', () => {
  test('private channels and direct conversations come with their people, and nobody else reads them', async () => {
    const organization = await world.organization();
    const { tally, problems } = await runImport(await world.folder(workspace), organization, world.stores);
    await expectWorkspace(organization);
    const counted = [
      'channels',
      'privateChannels',
      'directs',
      'emptyDirects',
      'badChannels',
      'otherFiles',
    ] as const;
    expect(counted.map((c) => tally.of(c))).toEqual([1, 2, 5, 1, 1, 1]);
    expect(problems).toContain('not taken over: canvases.json');
    const again = await runImport(await world.folder(workspace), organization, world.stores);
    expect(
      (['channels', 'privateChannels', 'messages', 'memberships'] as const).map((c) => again.tally.of(c)),
    ).toEqual([0, 0, 0, 0]);
    await expectWorkspace(organization);
  });

  test.each([
    ['at its top', ''],
    ['in a folder of its own', 'acme Slack export/'],
  ])('come out of a zip file just as well, %s', async (_, prefix) => {
    const organization = await world.organization();
    const file = join(await world.folder({}), 'export.zip');
    const packed = Object.entries(workspace).map(([path, content]) => [
      prefix + path,
      JSON.stringify(content),
    ]);
    await writeZip(file, Object.fromEntries(packed));
    await runImport(file, organization, world.stores);
    await expectWorkspace(organization);
  });

  test('with --public-only private ones are counted and left out', async () => {
    const organization = await world.organization();
    const folder = await world.folder(workspace);
    const { tally } = await runImport(folder, organization, world.stores, { publicOnly: true });
    expect([tally.of('channels'), tally.of('privateChannels'), tally.of('directs')]).toEqual([1, 0, 0]);
    expect(tally.of('privateLeftOut')).toBe(9);
    expect(await world.channel(organization, 'G1')).toBeUndefined();
  });

  test('a direct conversation that people have here already goes on in it', async () => {
    const organization = await world.organization();
    const person = (name: string, id: string) =>
      world.relational.users.provision({
        organizationId: organization.id,
        subject: `slack:${id}`,
        handle: name,
        name,
      });
    const userIds = [(await person('ada', 'U1')).id, (await person('grace', 'U2')).id];
    const id = '00000000-0000-4000-8000-000000000007';
    await world.relational.channels.openDirectMessage({ id, organizationId: organization.id, userIds });
    const folder = await world.folder(workspace);
    await runImport(folder, organization, world.stores);
    await runImport(folder, organization, world.stores);
    expect(await world.texts(organization, id)).toEqual(['n 30', 'n 31', 'n 34']);
    expect(await world.channel(organization, 'D1')).toBeUndefined();
  });

  test('a broken list of private ones is named and costs the others nothing', async () => {
    const organization = await world.organization();
    const folder = await world.folder({ ...workspace, 'groups.json': '[{"id":"G1","na', 'dms.json': '{}' });
    const { problems, tally, isComplete } = await runImport(folder, organization, world.stores);
    expect(isComplete).toBe(true);
    expect(problems).toContain(
      'groups.json: line 1 (entry 1): the file ends in the middle: it was cut short',
    );
    expect(problems).toContain('dms.json: is not a list');
    expect(tally.of('badFiles')).toBe(2);
    expect(await world.texts(organization, channelIdOf(organization.id, 'C1'))).toEqual(['n 10']);
  });
});

describe('an Enterprise Grid', () => {
  const grid: Files = {
    'org_users.json': [
      { id: 'W1', name: 'ada' },
      { id: 'W2', name: 'grace' },
    ],
    'channels.json': [{ id: 'C0', name: 'everybody', creator: 'W1', members: ['W1', 'W2'] }],
    'groups.json': [],
    'dms.json': [{ id: 'D1', members: ['W1', 'W2'] }],
    'mpims.json': [],
    'everybody/2020-01-01.json': [say('W1', 10)],
    'D1/2020-01-01.json': [say('W2', 11)],
    'teams/north/users.json': [
      { id: 'U1', name: 'ada', enterprise_user: { id: 'W1' } },
      { id: 'U9', name: 'guest' },
    ],
    'teams/north/channels.json': [
      { id: 'C1', name: 'general', members: ['U1', 'U9'] },
      { id: 'C3', name: 'shared', members: ['U1'] },
      { id: 'C4', name: 'listed-here', members: ['U1'] },
    ],
    'teams/north/groups.json': [{ id: 'G1', name: 'board', members: ['U1'] }],
    'teams/north/general/2020-01-01.json': [say('U1', 20, 'hi <@U9>'), say('U9', 21)],
    'teams/north/shared/2020-01-01.json': [say('U1', 30)],
    'teams/north/board/2020-01-01.json': [say('U1', 40)],
    // Shared channels may lie at the top, listed by a workspace.
    'listed-here/2020-01-01.json': [say('W2', 45)],
    'teams/south/users.json': [{ id: 'W2', name: 'grace' }],
    'teams/south/channels.json': [
      { id: 'C2', name: 'general', members: ['W2'] },
      { id: 'C3', name: 'shared', members: ['W2'] },
    ],
    'teams/south/general/2020-01-01.json': [say('W2', 50)],
    'teams/south/shared/2020-01-01.json': [say('U1', 30), say('W2', 31)],
    'teams/south/shared/2020-01-02.json': [say('W2', 32)],
  };

  test('is one organization: people once, channels of all workspaces, shared ones joined', async () => {
    const organization = await world.organization();
    const { problems, tally } = await runImport(await world.folder(grid), organization, world.stores);
    expect(problems).toEqual([]);
    expect([...(await world.handles(organization)).values()].sort()).toEqual(['ada', 'grace', 'guest']);
    const texts = async (slackId: string) =>
      world.texts(organization, (await world.channel(organization, slackId))?.id ?? '');
    expect(await texts('C0')).toEqual(['n 10']);
    expect(await texts('C1')).toEqual(['hi @guest', 'n 21']);
    expect(await texts('C2')).toEqual(['n 50']);
    expect(await texts('C3')).toEqual(['n 30', 'n 31', 'n 32']);
    expect(await texts('C4')).toEqual(['n 45']);
    expect(await texts('G1')).toEqual(['n 40']);
    expect(await texts('D1')).toEqual(['n 11']);
    const handles = await Promise.all(
      ['C1', 'C2'].map(async (id) => (await world.channel(organization, id))?.handle),
    );
    expect(handles.sort()).toEqual(['general', 'general-south']);
    expect((await world.channel(organization, 'G1'))?.visibility).toBe('PRIVATE');
    expect(tally.of('repeated')).toBe(1);
    const [first] = await world.rows(organization, channelIdOf(organization.id, 'C1'));
    expect((await world.handles(organization)).get(first?.entry.authorId ?? '')).toBe('ada');
  });

  test('an empty folder under teams is no workspace', async () => {
    const organization = await world.organization();
    const folder = await world.folder({ ...workspace, 'teams/2020-01-01.json': [say('U1', 60)] });
    await mkdir(join(folder, 'teams', 'empty'));
    expect(await runImport(folder, organization, world.stores)).toMatchObject({ isComplete: true });
  });
});
