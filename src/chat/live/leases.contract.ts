/** What every adapter of `LeaseStore` keeps, together with the stores that end rights. Call within a describe. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { type ChannelStores, freshChannel, freshThread } from '../channels/testing/channels.ts';
import { freshTenant } from '../people/testing/tenant.ts';
import type { EdgeLease, LeaseStore, Revoked, RevokedPosition } from './leases.ts';

export interface LeaseStores extends ChannelStores {
  readonly leases: LeaseStore;
}

const LONG = 60_000;

export function leaseStoreContract(stores: () => LeaseStores): void {
  const liveOf = async (edgeId: string): Promise<EdgeLease | undefined> =>
    (await stores().leases.live()).find((lease) => lease.edgeId === edgeId);

  describe('leases', () => {
    test('are live for as long as was asked for, renewed or not', async () => {
      const { leases } = stores();
      const [long, short] = [randomUUID(), randomUUID()];
      await leases.extend(long, 1, LONG);
      await leases.extend(short, 1, 1);
      await sleep(20);
      expect(await liveOf(long)).toEqual({ edgeId: long, round: 1, carried: 0 });
      expect(await liveOf(short)).toBeUndefined();
      await leases.extend(short, 2, LONG);
      expect(await liveOf(short)).toEqual({ edgeId: short, round: 2, carried: 0 });
      await leases.end(long);
      expect(await liveOf(long)).toBeUndefined();
      await leases.end(long);
    });

    test('say which renewal was carried out; what comes late takes nothing back', async () => {
      const { leases } = stores();
      const edge = randomUUID();
      await leases.extend(edge, 5, LONG);
      await leases.carriedOut(edge, 5);
      await leases.extend(edge, 4, 1);
      await leases.carriedOut(edge, 3);
      await sleep(20);
      expect(await liveOf(edge)).toEqual({ edgeId: edge, round: 5, carried: 5 });
    });

    test('say where the edge takes connections and how many it holds, while it takes any', async () => {
      const { leases } = stores();
      const [offering, silent, lapsed] = [randomUUID(), randomUUID(), randomUUID()];
      const offeredBy = async (edgeId: string) =>
        (await leases.offered()).find((edge) => edge.edgeId === edgeId);
      const url = 'wss://edge.example.com/graphql';
      await leases.extend(offering, 1, LONG, { url, connections: 7 });
      await leases.extend(silent, 1, LONG);
      await leases.extend(lapsed, 1, 1, { url, connections: 1 });
      await sleep(20);
      expect(await offeredBy(offering)).toEqual({ edgeId: offering, url, connections: 7, round: 1 });
      expect(await offeredBy(silent)).toBeUndefined();
      expect(await offeredBy(lapsed)).toBeUndefined();
      await leases.extend(offering, 3, LONG, { url, connections: 9 });
      // What comes late says nothing new.
      await leases.extend(offering, 2, LONG, null);
      expect(await offeredBy(offering)).toEqual({ edgeId: offering, url, connections: 9, round: 3 });
      await leases.extend(offering, 4, LONG, null);
      expect(await offeredBy(offering)).toBeUndefined();
    });

    test('forgetting what is old leaves live ones alone', async () => {
      const { leases } = stores();
      const edge = randomUUID();
      await leases.extend(edge, 1, LONG);
      await leases.prune();
      expect(await liveOf(edge)).toBeDefined();
    });
  });

  describe('ended rights', () => {
    async function scene() {
      const { organizationId, people } = await freshTenant(stores(), 3);
      const ids = people.map(({ id }) => id);
      const [ada = '', grace = '', linus = ''] = ids;
      const channel = await freshChannel(stores(), { organizationId, memberIds: ids, visibility: 'PRIVATE' });
      return { organizationId, people, ada, grace, linus, channel };
    }
    const now = async (): Promise<RevokedPosition> => (await stores().leases.revokedSince(null)).position;
    const since = async (
      position: RevokedPosition,
      organizationId: string,
    ): Promise<{ revoked: readonly Revoked[]; position: RevokedPosition }> => {
      const answer = await stores().leases.revokedSince(position);
      expect(answer.isComplete).toBe(true);
      // The database is shared with other tests.
      const revoked = answer.revoked.filter((one) => one.organizationId === organizationId);
      return { revoked: revoked.toSorted((a, b) => a.rev - b.rev), position: answer.position };
    };

    test('are told from a position on, until one looks from a later one', async () => {
      const { memberships } = stores();
      const { organizationId, ada, grace, linus, channel } = await scene();
      const remove = { organizationId, channelId: channel.id, actorId: ada };
      await memberships.remove({ ...remove, userId: linus });
      // What was committed before may be told again for as long as an older transaction is under way somewhere.
      let start = await now();
      await expect
        .poll(async () => {
          start = await now();
          return (await since(start, organizationId)).revoked;
        })
        .toEqual([]);
      const removed = await memberships.remove({ ...remove, userId: grace });
      const left = await memberships.remove({ ...remove, userId: ada });
      const told = await since(start, organizationId);
      const common = { organizationId, channelId: channel.id, mayStillRead: false };
      expect(told.revoked).toEqual([
        {
          ...common,
          rev: removed?.membershipRev,
          userId: grace,
          membershipId: removed?.membership.id,
          reason: 'REMOVED',
        },
        {
          ...common,
          rev: left?.membershipRev,
          userId: ada,
          membershipId: left?.membership.id,
          reason: 'LEFT',
        },
      ]);
      let { position } = told;
      await expect
        .poll(async () => {
          const later = await since(position, organizationId);
          position = later.position;
          return later.revoked;
        })
        .toEqual([]);
    });

    test('a removal of nobody is none', async () => {
      const { memberships } = stores();
      const { organizationId, ada, channel } = await scene();
      const start = await now();
      const input = { organizationId, channelId: channel.id, userId: randomUUID(), actorId: ada };
      expect(await memberships.remove(input)).toBeNull();
      expect((await since(start, organizationId)).revoked).toEqual([]);
    });

    test('of a public channel say that it may still be read; of a thread nothing is said but of its channel', async () => {
      const { memberships } = stores();
      const { organizationId, ada, grace } = await scene();
      const channel = await freshChannel(stores(), { organizationId, memberIds: [ada, grace] });
      await freshThread(stores(), channel, { authorId: grace });
      const start = await now();
      await memberships.remove({ organizationId, channelId: channel.id, userId: grace, actorId: ada });
      expect((await since(start, organizationId)).revoked).toMatchObject([
        { channelId: channel.id, userId: grace, mayStillRead: true },
      ]);
    });

    test('a deactivation ends everything, once', async () => {
      const { users } = stores();
      const { organizationId, people, grace } = await scene();
      const start = await now();
      const handle = people[1]?.handle ?? '';
      await users.deactivate(organizationId, handle);
      await users.deactivate(organizationId, handle);
      await users.deactivate(organizationId, 'nobody');
      expect((await since(start, organizationId)).revoked).toEqual([
        {
          organizationId,
          rev: 1,
          userId: grace,
          channelId: null,
          membershipId: null,
          reason: 'DEACTIVATED',
          mayStillRead: false,
        },
      ]);
    });

    test('of many at once none is missed, whoever looks meanwhile', async () => {
      const { memberships } = stores();
      const tenants = await Promise.all(Array.from({ length: 3 }, scene));
      let position = await now();
      const seen = new Set<string>();
      let isDone = false;
      const look = async (): Promise<void> => {
        const answer = await stores().leases.revokedSince(position);
        position = answer.position;
        for (const one of answer.revoked) seen.add(`${one.organizationId}/${one.rev}`);
      };
      const looking = (async () => {
        while (!isDone) await look();
      })();
      await Promise.all(
        tenants.flatMap(({ organizationId, channel, ada, grace, linus }) =>
          [ada, grace, linus].map((userId) =>
            memberships.remove({ organizationId, channelId: channel.id, userId, actorId: ada }),
          ),
        ),
      );
      isDone = true;
      await looking;
      await look();
      const all = tenants.flatMap(({ organizationId }) => [1, 2, 3].map((rev) => `${organizationId}/${rev}`));
      expect(all.filter((one) => !seen.has(one))).toEqual([]);
    });

    test('a position of the future, or of long ago, is not gone on from', async () => {
      const position = JSON.parse(await now());
      const ahead = JSON.stringify({ ...position, xmin: '9000000000000000000' }) as RevokedPosition;
      const old = JSON.stringify({ ...position, at: position.at - 20 * 3_600_000 }) as RevokedPosition;
      for (const one of [ahead, old]) {
        expect(await stores().leases.revokedSince(one)).toMatchObject({ isComplete: false });
      }
    });

    test('a position of an earlier run of the server is told the last minutes again', async () => {
      const { memberships } = stores();
      const { organizationId, channel, ada, grace } = await scene();
      await memberships.remove({ organizationId, channelId: channel.id, userId: grace, actorId: ada });
      const position = JSON.parse(await now());
      const earlier = JSON.stringify({ ...position, server: 'another' }) as RevokedPosition;
      expect((await since(earlier, organizationId)).revoked).toHaveLength(1);
    });
  });
}
