/**
 * The canary organization: people of another try every operation there is against it, with what they stole and what they guess, and
 * hear nothing of it: not in an answer, an event, an error, a log line. Each operation a few times, or CANARY_OPERATIONS of all;
 * CANARY_ON=services: on Postgres, Cassandra and Redis; CANARY_SEED: the same operations again.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildSchema } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seeded } from '../../src/chat/log/testing/seeded.ts';
import { request } from '../e2e/requests.ts';
import { type Attacker, forgedTokens, type Raid, raid } from './attackers.ts';
import { Loot } from './loot.ts';
import { CANARY, type Canary, plantCanary, SONG } from './plant.ts';
import { rootFields } from './random-operation.ts';
import { openStage, type Stage } from './stage.ts';
import { type Pair, twins } from './twins.ts';
import { overHttp, type Said, settled, Wire } from './wire.ts';

const OPERATIONS = Number(process.env.CANARY_OPERATIONS ?? 160);
const SEED = Number(process.env.CANARY_SEED ?? 1 + Math.floor(Math.random() * 1e6));
const ATTACKERS = 4;
const TWINS = Math.ceil(OPERATIONS / 2);
/** A test with few operations takes a few seconds; with 10,000 some minutes. */
const PATIENCE_MS = 60_000 + OPERATIONS * 300;

const schema = buildSchema(readFileSync(new URL('../../schema/schema.graphql', import.meta.url), 'utf8'));
/** Every operation at least once, however many there come to be. */
const EACH = Math.max(rootFields(schema).length, Math.ceil(OPERATIONS / ATTACKERS));

describe(`the canary, seed ${SEED}`, { timeout: PATIENCE_MS }, () => {
  let stage: Stage;
  let canary: Canary;
  let forged: string[];
  beforeAll(async () => {
    stage = await openStage([CANARY, 'thieves', 'quiet']);
    canary = await plantCanary(stage);
    forged = await forgedTokens(stage, canary, 'thieves');
  }, 180_000);
  afterAll(() => stage?.stop(), 60_000);

  /** Somebody with a channel, messages and ids of their own. */
  async function thief(n: number, spent: Set<string>): Promise<Attacker> {
    const token = await stage.token('thieves', `thief-${n}`);
    const own = new Loot();
    const url = stage.places[0]?.url ?? '';
    const create = 'mutation { createChannel(input: { name: "mine" }) { channel { id } } }';
    const made = await request<{ createChannel: { channel: { id: string } } }>(url, token, create);
    const send = `mutation ($id: ID!) { sendMessage(input: { channelId: $id, text: "mine" }) { message { id } } }`;
    own.take(await request(url, token, send, { id: made.createChannel.channel.id }));
    const all = `{ viewer { id user { id } organization { id } memberships(first: 9) { edges { cursor node { id channel {
      id members(first: 9) { edges { cursor node { id } } } messages(first: 9) { position edges { cursor node { id } } } } } } } } }`;
    own.take(await request(url, token, all));
    return { token, own, forged, spent };
  }

  /** The canary's own people go about their business meanwhile. */
  async function whileStirring<T>(run: Promise<T>): Promise<T> {
    let isOver = false;
    const stirring = (async (): Promise<void> => {
      for (let n = 0; !isOver; n++) {
        await canary.stir(n);
        await sleep(15);
      }
    })();
    const over = run.finally(() => {
      isOver = true;
    });
    const [done] = await Promise.all([over, stirring]);
    return done;
  }

  test('is heard by its own people: whatever is looked for can be found', async () => {
    const heard: Said[] = [];
    const [anna = ''] = canary.tokens;
    const wire = new Wire(stage.places.at(-1)?.wsUrl ?? '', (said) => heard.push(said));
    await wire.signIn(anna);
    const live = wire.start(
      'subscription { events { __typename ... on MessagePosted { message { text } } ... on SignalSent { key } } }',
    );
    await settled(live, 300);
    const random = seeded(SEED);
    await whileStirring(
      raid(
        stage,
        schema,
        canary,
        { token: anna, own: canary.loot, forged, spent: new Set() },
        80,
        random,
        (said) => heard.push(said),
        // They could archive what they have.
        rootFields(schema).filter(({ kind }) => kind !== 'mutation'),
      ),
    );
    await wire.close();
    const found = heard.filter(({ asked, said }) => canary.needles.in(said, asked).length > 0);
    expect(found.length).toBeGreaterThan(20);
    expect(live.frames.filter((frame) => frame.includes(SONG)).length).toBeGreaterThan(3);
  });

  test('is heard by nobody else', async () => {
    const leaks: (Said & { needles: string[] })[] = [];
    const spent = new Set<string>();
    let bytes = 0;
    const told = (said: Said): void => {
      bytes += said.said.length;
      const needles = canary.needles.in(said.said, `${said.asked} ${[...spent].join(' ')}`);
      if (needles.length > 0) leaks.push({ ...said, needles });
    };
    const thieves = await Promise.all(Array.from({ length: ATTACKERS }, (_, n) => thief(n, spent)));
    const raids = await whileStirring(
      Promise.all(thieves.map((who, n) => raid(stage, schema, canary, who, EACH, seeded(SEED + n), told))),
    );
    for (const path of ['/metrics', '/health/ready', '/health/live', '/graphql', '/nothing']) {
      const base = stage.places[0]?.url.replace('/graphql', path) ?? '';
      const response = await fetch(base, { headers: { accept: 'text/html, */*' } });
      told({ asked: '', said: `${JSON.stringify([...response.headers])} ${await response.text()}` });
    }
    expect(leaks.slice(0, 3)).toEqual([]);
    const asked = sum(raids, 'asked');
    const given = sum(raids, 'given');
    const never = rootFields(schema).filter(({ field }) => !asked.has(field.name));
    expect(never.map(({ field }) => field.name)).toEqual([]);
    // They are no strangers to the server: with what is their own a good part of it works.
    expect([...given.values()].reduce((all, one) => all + one, 0)).toBeGreaterThan(OPERATIONS / 20);
    console.log(
      `canary: ${ATTACKERS * EACH} operations of ${asked.size} kinds, ${canary.needles.size} needles in ${bytes} characters; given ${JSON.stringify(Object.fromEntries(given))}; codes ${JSON.stringify(Object.fromEntries(sum(raids, 'codes')))}`,
    );
  });

  test('gives nothing for forged tokens, by no way in', async () => {
    for (const token of forged) {
      const { body } = await overHttp(
        stage.places[0]?.url ?? '',
        token,
        '{ viewer { id } channels { edges { node { id } } } }',
      );
      expect(body, token).toContain('"UNAUTHENTICATED"');
      const heard: string[] = [];
      const wire = new Wire(stage.places[0]?.wsUrl ?? '', ({ said }) => heard.push(said));
      await wire.signIn(token);
      const operation = wire.start('subscription { events { __typename } }');
      await settled(operation, 2_000);
      await wire.close();
      expect(heard.join(), token).not.toContain('Ready');
    }
  });

  test('answers alike for what is foreign and for what does not exist', async () => {
    const token = await stage.token('quiet', 'listener');
    const pairs = await twins(stage, schema, canary, token, TWINS, seeded(SEED));
    expect(pairs.length).toBeGreaterThan(TWINS / 2);
    const differ: Pair[] = pairs.filter(({ foreign, absent }) => foreign !== absent);
    expect(differ.slice(0, 3)).toEqual([]);
  });

  test('shows the twins apart to whom they belong: the comparison can tell', async () => {
    const [anna = ''] = canary.tokens;
    const pairs = await twins(stage, schema, canary, anna, 60, seeded(SEED), 0);
    expect(pairs.filter(({ foreign, absent }) => foreign !== absent).length).toBeGreaterThan(15);
  });

  test('is in no line of the log: neither what was said nor what was signed in with', () => {
    const lines = stage.log().split('\n');
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.filter((line) => canary.unloggable.in(line).length > 0).slice(0, 3)).toEqual([]);
  });
});

function sum(raids: readonly Raid[], of: keyof Raid): Map<string, number> {
  const all = new Map<string, number>();
  for (const raid of raids) for (const [name, count] of raid[of]) all.set(name, (all.get(name) ?? 0) + count);
  return all;
}
