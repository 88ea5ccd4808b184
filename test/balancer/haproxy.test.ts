/**
 * One public address over three replicas, by the real HAProxy and the file that docker-compose.yml mounts: which replica
 * a WebSocket comes to, and a restart of one replica after the other under load, of which nobody notices more than a
 * connection that has to be made anew.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { TestClient } from '../../src/edge/testing/edge-server.ts';
import { createChannel } from '../e2e/crowd.ts';
import { type Fleet, startFleet } from '../e2e/fleet.ts';
import { type Follower, follow } from '../e2e/follower.ts';
import { request, send } from '../e2e/requests.ts';
import { describeWith } from '../services.ts';
import { type Balancer, hasHaproxy, startBalancer } from './haproxy.ts';

const REPLICAS = 3;
const FOLLOWERS = 60;
const WRITERS = 6;

const portOf = (url: string): number => Number(new URL(url).port);

test.runIf(process.env.REQUIRE_SERVICES === '1')('haproxy is there', async () => {
  expect(await hasHaproxy()).toBe(true);
});

if (await hasHaproxy()) {
  await describeWith(['postgres', 'cassandra', 'redis'], 'three replicas behind HAProxy', () => {
    let fleet: Fleet;
    let balancer: Balancer;
    let token: string;
    beforeAll(async () => {
      // The shortest in which nobody is sent away before HAProxy has noticed: until then some come back to the same replica.
      fleet = await startFleet(REPLICAS, { settings: { DRAIN_SECONDS: '8' } });
      balancer = await startBalancer(fleet.replicas.map(({ url }) => portOf(url)));
      token = await fleet.token('ada');
    }, 120_000);
    afterAll(async () => {
      await fleet?.stop();
      await balancer?.stop();
    }, 60_000);

    /** Sockets that each replica holds. */
    async function held(): Promise<readonly number[]> {
      return Promise.all(
        fleet.replicas.map(async ({ url }) => {
          const text = await (await fetch(url.replace('/graphql', '/metrics'))).text();
          return Number(/^backscroll_websockets (\d+)$/m.exec(text)?.[1]);
        }),
      );
    }
    const open = (organization: string) =>
      TestClient.open(`${balancer.wsUrl}?org=${organization}`, { authorization: token });
    /** The replica that a socket of this organization comes to when nobody else is there. */
    async function replicaOf(organization: string): Promise<number> {
      const client = await open(organization);
      const at = (await held()).indexOf(1);
      client.ws.terminate();
      await vi.waitFor(async () => expect(Math.max(...(await held()))).toBe(0), { timeout: 10_000 });
      return at;
    }

    test('an organization comes to the same replica each time, another to another', async () => {
      const organizations = Array.from({ length: 8 }, (_, i) => `organization-${i}`);
      const first: number[] = [];
      for (const organization of organizations) first.push(await replicaOf(organization));
      expect(first).not.toContain(-1);
      expect(new Set(first).size).toBeGreaterThan(1);
      for (const [i, organization] of organizations.slice(0, 3).entries()) {
        expect(await replicaOf(organization)).toBe(first[i]);
      }
    });

    test('one organization alone fills no replica beyond one and a half times the mean', async () => {
      const clients: TestClient[] = [];
      for (let i = 0; i < 18; i += 1) clients.push(await open('acme'));
      const counts = await held();
      expect(counts.reduce((sum, n) => sum + n)).toBe(18);
      expect(Math.max(...counts)).toBeLessThanOrEqual(10);
      for (const client of clients) client.ws.terminate();
      await vi.waitFor(async () => expect(Math.max(...(await held()))).toBe(0), { timeout: 10_000 });
    });

    test('operators ask each replica for its metrics: the public address has none', async () => {
      expect((await fetch(`${balancer.origin}/metrics`)).status).toBe(404);
      expect((await fetch(`${balancer.origin}/health/ready`)).status).toBe(200);
    });

    test('only what changes nothing is tried on another replica: a mutation that asks for a WebSocket is not', async () => {
      const request = httpRequest(`${balancer.url}?asks-for-a-socket`, {
        method: 'POST',
        headers: { connection: 'upgrade', upgrade: 'websocket', 'content-type': 'application/json' },
      });
      const answered = once(request, 'response');
      request.end('{"query":"{ __typename }"}');
      const [response] = await answered;
      response.resume();
      const line = () =>
        balancer
          .log()
          .split('\n')
          .find((one) => one.includes('asks-for-a-socket'));
      await vi.waitFor(() => expect(line()).toContain(' public replicas/'));
    });

    test('restarted one after the other under load: nothing is lost, no request fails, everybody is back at once', {
      timeout: 180_000,
    }, async () => {
      const channelId = await createChannel(fleet, token);
      const readers = await Promise.all(Array.from({ length: 10 }, (_, i) => fleet.token(`reader-${i}`)));
      const followers: Follower[] = Array.from({ length: FOLLOWERS }, (_, i) =>
        follow([`${balancer.wsUrl}?org=acme`], readers[i % readers.length] ?? '', channelId, null),
      );
      await Promise.all(followers.map((follower) => follower.ready));

      const written = new Map<number, string>();
      let isOver = false;
      const writer = async (name: number): Promise<void> => {
        for (let i = 0; !isOver; i += 1) {
          const text = `message ${name}/${i}`;
          // Not repeated: each is answered at the first try.
          const sent = await send(balancer.url, token, {
            channelId,
            text,
            clientMessageId: randomUUID(),
            basis: 0,
          });
          written.set(sent.seq, text);
          await sleep(10);
        }
      };
      const writing = Promise.all(Array.from({ length: WRITERS }, (_, i) => writer(i)));
      writing.catch(() => undefined);

      for (const replica of fleet.replicas.slice(0, REPLICAS)) {
        await replica.end('SIGTERM');
        await fleet.start({}, portOf(replica.url));
      }
      await sleep(500);
      isOver = true;
      await writing;

      const numbers = Array.from({ length: written.size }, (_, i) => i + 1);
      expect([...written.keys()].toSorted((a, b) => a - b)).toEqual(numbers);
      await vi.waitFor(
        () => expect(Math.min(...followers.map(({ seqs }) => seqs.length))).toBe(written.size),
        { timeout: 60_000, interval: 100 },
      );
      for (const follower of followers) {
        expect(follower.seqs).toEqual(numbers);
        expect(follower.withErrors).toEqual([]);
        // Whoever had to try more than once was closed by something else in between.
        expect(new Set(follower.closeCodes)).toEqual(new Set([1012]));
      }
      expect(await head(channelId)).toBe(written.size);
      await Promise.all(followers.map((follower) => follower.stop()));
    });

    test('with no replica there, clients are told in the way that they know', async () => {
      await Promise.all(fleet.replicas.map((replica) => replica.end('SIGKILL')));
      const response = await fetch(balancer.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"query":"{ __typename }"}',
      });
      expect(response.status).toBe(503);
      expect(response.headers.get('content-type')).toBe('application/json');
      const told = { extensions: { code: 'UNAVAILABLE', retryable: true } };
      expect(await response.json()).toMatchObject({ errors: [told] });
    });

    async function head(channelId: string): Promise<number> {
      const data = await request<{ channel: { head: number } }>(
        balancer.url,
        token,
        'query ($id: ID!) { channel(id: $id) { head } }',
        { id: channelId },
      );
      return data.channel.head;
    }
  });
}
