/**
 * An edge dies and its 1,000 clients come back to another one at once, with cursors, over a real Postgres and a real
 * Redis: each gets what it missed, once and in order, and the database is asked some questions for all of them.
 */
import { randomUUID } from 'node:crypto';
import { Kysely } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith, serviceUrl } from '../../test/services.ts';
import { freshChannel } from '../chat/channels/testing/channels.ts';
import { systemClock } from '../chat/clock.ts';
import type { LiveEvent } from '../chat/live/port.ts';
import type { ChangeEntry, MessageEntry } from '../chat/log/entries.ts';
import { silentLogger } from '../chat/logger.ts';
import { freshOrganization } from '../chat/people/testing/tenant.ts';
import { createChannelStore } from '../stores/relational/channels.ts';
import { Database, defaultLimits } from '../stores/relational/database.ts';
import { createMembershipStore } from '../stores/relational/memberships.ts';
import { createNotificationStore } from '../stores/relational/notifications.ts';
import { openRelational, type Relational } from '../stores/relational/open.ts';
import { postgresDialect } from '../stores/relational/postgres.ts';
import type { Tables } from '../stores/relational/tables.ts';
import { createDatabase, type TestDatabase } from '../stores/relational/testing/databases.ts';
import { createLive } from './live.ts';
import type { Live } from './live-parts.ts';
import { createPublisher } from './publisher.ts';
import { createRedisBus } from './redis/bus.ts';
import { fakeEpochs } from './testing/fake-epochs.ts';
import { fakeStore } from './testing/fake-log.ts';
import { until, upTo } from './testing/reading.ts';
import { type Follower, follow, messageEntry } from './testing/replicas.ts';

const CLIENTS = 1_000;
const CHANNELS = 5;
const MISSED = 10;

await describeWith(['postgres', 'redis'], 'a herd over Postgres and Redis', () => {
  let drop: TestDatabase['drop'];
  let relational: Relational;
  let kysely: Kysely<Tables>;
  let database: Database;
  let statements = 0;
  beforeAll(async () => {
    const made = await createDatabase();
    drop = made.drop;
    relational = await openRelational({ kind: 'postgres', url: made.url }, silentLogger);
    await relational.migrate();
    kysely = new Kysely({
      dialect: postgresDialect({ url: made.url, logger: silentLogger }),
      log: () => {
        statements += 1;
      },
    });
    database = new Database(kysely, silentLogger, defaultLimits);
  });
  afterAll(async () => {
    await kysely.destroy();
    await relational.close();
    await drop();
  });

  test('1,000 clients of an edge that died are all resumed', async () => {
    await using opened = new AsyncDisposableStack();
    const { id: organizationId } = await freshOrganization(relational);
    const people = await Promise.all(
      upTo(CLIENTS).map((i) =>
        relational.users.provision({ organizationId, subject: `s-${i}`, handle: `p-${i}`, name: `${i}` }),
      ),
    );
    const userIds = people.map(({ id }) => id);
    const channels = await Promise.all(
      upTo(CHANNELS).map(() => freshChannel(relational, { organizationId })),
    );
    const place = { organizationId, actorId: userIds[0] ?? '', userIds, checkpoint: 0 };
    for (const { id: channelId } of channels) {
      await relational.memberships.add({ ...place, channelId, role: 'MEMBER' });
    }
    const [messages, changes] = [fakeStore<MessageEntry>(), fakeStore<ChangeEntry>()];
    const prefix = `${randomUUID()}:`;
    const replica = async (replicaId: string) => {
      const bus = createRedisBus({ url: serviceUrl('redis'), prefix, logger: silentLogger });
      const common = { bus, replicaId, clock: systemClock, logger: silentLogger };
      const publisher = createPublisher(common);
      const log = messages.log((key, rows) => publisher.messagesAppended(key, rows));
      const live = createLive({
        ...common,
        messages: log,
        changes: changes.log((key, rows) => publisher.changesAppended(key, rows)),
        channels: createChannelStore(database),
        memberships: createMembershipStore(database),
        notifications: createNotificationStore(database),
        publisher,
        epochs: fakeEpochs(),
        isEdge: true,
      });
      opened.defer(async () => {
        await live.close();
        await publisher.close();
        await bus.close();
      });
      await until(() => expect(bus.state()).toBe('UP'));
      const say = (channelId: string) => {
        const entry = messageEntry('text');
        const send = { sendKey: randomUUID(), bytes: 1, searchBack: 'ONE_BUCKET', entry } as const;
        return log.append({ organizationId, channelId }, send);
      };
      return { live, say };
    };
    const [dying, staying] = [await replica('dying'), await replica('staying')];
    const connect = (live: Live, after: (i: number) => string[]): Promise<Follower[]> =>
      Promise.all(
        userIds.map(async (userId, i) => {
          const tenant = { organizationId, slug: 's', cell: 'default', epoch: 1 };
          const viewer = { tenant, userId, handle: userId, isAdmin: false, expiresAt: Infinity };
          const asked = { after: after(i), replayLimit: 1_000, connectionId: `connection ${i}` };
          return follow(await live.events(viewer, asked));
        }),
      );

    statements = 0;
    const before = await connect(dying.live, () => []);
    expect(statements).toBeLessThanOrEqual(CLIENTS / 10);
    await until(() => expect(before.every(({ events }) => cursorsOf(events).size === CHANNELS)).toBe(true));
    const cursors = before.map(({ events }) => [...cursorsOf(events).values()]);
    await dying.live.close();
    await Promise.all(channels.flatMap(({ id }) => upTo(MISSED).map(() => staying.say(id))));

    statements = 0;
    const back = await connect(staying.live, (i) => cursors[i] ?? []);
    const isCaughtUp = (event: LiveEvent): boolean => event.type === 'CaughtUp' && event.channelId === null;
    await until(() => expect(back.filter(({ events }) => events.some(isCaughtUp)).length).toBe(CLIENTS));
    expect(statements).toBeLessThanOrEqual(CLIENTS / 10);
    for (const { events } of back) {
      for (const { id } of channels) {
        const seqs = events.flatMap((e) =>
          e.type === 'MessagePosted' && e.channelId === id ? [e.row.seq] : [],
        );
        expect(seqs).toEqual(upTo(MISSED));
      }
    }
    await Promise.all(back.map((client) => client.stop()));
  });
});

/** By channel, where a client that has missed nothing comes back from. */
const cursorsOf = (events: readonly LiveEvent[]): ReadonlyMap<string, string> =>
  new Map(
    events.flatMap((event) =>
      event.type === 'Positions'
        ? event.positions.map(({ channelId, cursor }): [string, string] => [channelId, cursor])
        : [],
    ),
  );
