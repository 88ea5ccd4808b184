/** Places answer what channels and memberships say one by one: to members and others, of channels, DMs and threads, alone and amid others. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../../../test/services.ts';
import type { ChannelPlace } from '../../chat/channels/port.ts';
import { freshChannel, freshThread } from '../../chat/channels/testing/channels.ts';
import { silentLogger } from '../../chat/logger.ts';
import { freshTenant } from '../../chat/people/testing/tenant.ts';
import { openRelational, type Relational } from './open.ts';
import { createDatabase, type TestDatabase } from './testing/databases.ts';

type Question = readonly [organizationId: string, userId: string, channelIds: readonly string[]];

await describeWith(['postgres'], 'places on a Postgres that replicas share', () => {
  let database: TestDatabase;
  let stores: Relational;
  beforeAll(async () => {
    database = await createDatabase();
    stores = await openRelational({ kind: 'postgres', url: database.url }, silentLogger);
    await stores.migrate();
  });
  afterAll(async () => {
    await stores.close();
    await database.drop();
  });

  const placesOf = (organizationId: string, userId: string, ids: readonly string[]) => {
    if (stores.channels.placesOf === undefined) throw new Error('they are asked for here');
    return stores.channels.placesOf(organizationId, userId, ids);
  };

  /** The same, one by one. */
  async function oneByOne(
    organizationId: string,
    userId: string,
    ids: readonly string[],
  ): Promise<readonly ChannelPlace[]> {
    const { channels, memberships } = stores;
    const mine = async (channelId: string) =>
      (await memberships.ofUser(organizationId, userId, [channelId]))[0] ?? null;
    return Promise.all(
      (await channels.byIds(organizationId, ids)).map(async (channel) => ({
        channel,
        membership: await mine(channel.id),
        parentMembership: channel.root === null ? null : await mine(channel.root.channelId),
      })),
    );
  }

  /** Channels of every kind; the first two people are members of those that have any, the third of none. */
  async function scene() {
    const { organizationId, people } = await freshTenant(stores, 3);
    const [ada, grace] = people.map(({ id }) => id);
    if (ada === undefined || grace === undefined) throw new Error('three people');
    const both = { organizationId, creatorId: ada, memberIds: [grace] };
    const open = await freshChannel(stores, both);
    const closed = await freshChannel(stores, { ...both, visibility: 'PRIVATE', postingPolicy: 'ADMINS' });
    const dm = await freshChannel(stores, { ...both, type: 'DM', visibility: 'PRIVATE', handle: '' });
    const empty = await freshChannel(stores, { organizationId });
    const archived = await freshChannel(stores, { ...both, archivedAt: new Date() });
    const threads = [
      // Followed by one of them; by both; in a parent that only others may see.
      await freshThread(stores, open, { authorId: ada }),
      await freshThread(stores, closed, { authorId: ada, actorId: grace }),
      await freshThread(stores, closed, { authorId: grace, seq: 2 }),
    ];
    const ids = [open, closed, dm, empty, archived, ...threads].map(({ id }) => id);
    return { organizationId, people: people.map(({ id }) => id), ids };
  }

  test('everybody is told what the stores say one by one', async () => {
    const { organizationId, people, ids } = await scene();
    for (const userId of people) {
      const places = await placesOf(organizationId, userId, ids);
      expect(places).toEqual(await oneByOne(organizationId, userId, ids));
      expect(places).toHaveLength(ids.length);
    }
    const [first = ''] = people;
    const kinds = (await placesOf(organizationId, first, ids)).map(
      ({ membership, parentMembership }) => `${membership?.role} ${parentMembership?.role}`,
    );
    expect(new Set(kinds)).toEqual(
      new Set(['ADMIN undefined', 'undefined undefined', 'MEMBER ADMIN', 'undefined ADMIN']),
    );
  });

  test('of a moment in which many ask, everybody hears their own', async () => {
    const scenes = await Promise.all([scene(), scene()]);
    const asked = scenes.flatMap(({ organizationId, people, ids }) =>
      people.flatMap((userId): Question[] => [
        ...ids.map((id): Question => [organizationId, userId, [id]]),
        [organizationId, userId, ids.toReversed()],
      ]),
    );
    const told = await Promise.all(asked.map((question) => placesOf(...question)));
    expect(told).toEqual(await Promise.all(asked.map((question) => oneByOne(...question))));
  });

  test('what is foreign, unknown, repeated or no id at all', async () => {
    const [{ organizationId, people, ids }, other] = await Promise.all([scene(), scene()]);
    const [ada = ''] = people;
    const [id = ''] = ids;
    expect(await placesOf(organizationId, ada, [...other.ids, randomUUID(), 'x', ''])).toEqual([]);
    expect(await placesOf(other.organizationId, ada, ids)).toEqual([]);
    expect(await placesOf('x', ada, ids)).toEqual([]);
    expect(await placesOf(organizationId, 'x', ids)).toEqual([]);
    expect(await placesOf(organizationId, ada, [])).toEqual([]);
    expect(await placesOf(organizationId, ada, [id, id, id.toUpperCase()])).toEqual(
      await oneByOne(organizationId, ada, [id, id, id.toUpperCase()]),
    );
    const stranger = await placesOf(organizationId, other.people[0] ?? '', [id]);
    expect(stranger.map(({ membership }) => membership)).toEqual([null]);
  });

  test('more than one asks for at a time are answered alike', async () => {
    const { organizationId, people, ids } = await scene();
    const [ada = ''] = people;
    const many = [...ids, ...Array.from({ length: 300 }, () => randomUUID())];
    expect(await placesOf(organizationId, ada, many)).toEqual(await oneByOne(organizationId, ada, ids));
  });
});
