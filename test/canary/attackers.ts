/**
 * People of another organization who try every operation there is with all that they have: what they stole, what they guess from
 * it, what is their own, and tokens that are not quite right. What they hear is handed on as it came.
 */
import { randomUUID } from 'node:crypto';
import type { GraphQLSchema } from 'graphql';
import { Absent, guessed, type Loot, typeOf } from './loot.ts';
import { type Canary, HANDLES } from './plant.ts';
import { type Draw, RandomOperation, type RootField, rootFields } from './random-operation.ts';
import type { Stage } from './stage.ts';
import { overHttp, type Said, settled, Wire } from './wire.ts';

const CONTENT: ReadonlySet<string> = new Set(['text', 'name', 'topic', 'key', 'avatarUrl']);
const CURSORS: ReadonlySet<string> = new Set(['after', 'before']);
const FORGED = 0.05;
const SUBSCRIPTION_MS = 60;

/**
 * How an attacker comes by values.
 * @param spent gets the canary's client ids that an attacker gave to something of their own: it may tell them to all of theirs.
 */
function thievesDraw(
  canary: Canary,
  own: Loot,
  spent: Set<string>,
  random: () => number,
  tokens: readonly string[],
): Draw {
  const one = (all: readonly string[]): string | undefined => all[Math.floor(random() * all.length)];
  return (name, type) => {
    if (type === 'ID') {
      const wanted = typeOf(name);
      const chance = random();
      const from = chance < 0.35 ? own : canary.loot;
      const kinds = from.kinds.filter((kind) => !kind.endsWith('cursor'));
      const kind = wanted !== undefined && random() < 0.85 ? wanted : (one(kinds) ?? 'Channel');
      const id = one(from.of(kind)) ?? one(from.all()) ?? 'x';
      if (chance < 0.85) return id;
      return chance < 0.95
        ? guessed(id, wanted ?? one(kinds) ?? 'Channel', random)
        : new Absent(random).twinOf(id);
    }
    if (type === 'UUID') {
      const id = (random() < 0.7 ? one(canary.clientIds) : undefined) ?? randomUUID();
      spent.add(id);
      return id;
    }
    if (type !== 'String') return undefined;
    if (CURSORS.has(name)) {
      const from = random() < 0.25 ? own : canary.loot;
      return one(from.of(random() < 0.5 ? 'event cursor' : 'page cursor')) ?? 'x';
    }
    if (name === 'handle') return random() < 0.7 ? one(canary.handles) : `mine-${Math.floor(random() * 1e6)}`;
    if (name === 'search') return one(canary.handles)?.slice(0, 1 + Math.floor(random() * 8));
    if (name === 'token') return one(tokens);
    if (name === 'emoji') return one(['👍', ':heart:', '🎉']);
    if (CONTENT.has(name)) return `mine ${one(canary.handles.map((handle) => `@${handle}`))}`;
    return undefined;
  };
}

/** Tokens that a thief makes of one that they saw: none of them may open anything. */
export async function forgedTokens(stage: Stage, canary: Canary, organization: string): Promise<string[]> {
  const [stolen = ''] = canary.tokens;
  const mine = await stage.token(organization, 'forger');
  const [head = '', body = '', signature = ''] = stolen.split('.');
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const theirs: unknown = JSON.parse(Buffer.from(body, 'base64url').toString());
  const claims = typeof theirs === 'object' && theirs !== null ? theirs : {};
  return [
    `${head}.${body}.`,
    `${head}.${body}`,
    `${head}.${body}.${mine.split('.')[2]}`,
    `${part({ alg: 'none' })}.${body}.`,
    `${part({ alg: 'none' })}.${body}.${signature}`,
    `${part({ alg: 'HS512' })}.${body}.${signature}`,
    `${head}.${part({ ...claims, roles: ['admin'] })}.${signature}`,
    `${mine.split('.')[0]}.${body}.${mine.split('.')[2]}`,
    await stage.token(String(Reflect.get(claims, 'org')), HANDLES[0], {}, '2 hours ago'),
    stolen.slice(0, -2),
    `${stolen}A`,
    body,
  ];
}

export interface Attacker {
  readonly token: string;
  readonly own: Loot;
  readonly forged: readonly string[];
  readonly spent: Set<string>;
}

export interface Raid {
  /** How often each operation was asked, by its name, and how often it gave something. */
  readonly asked: Map<string, number>;
  readonly given: Map<string, number>;
  /** Errors by their codes. */
  readonly codes: Map<string, number>;
}

const more = (counts: Map<string, number>, name: string): void =>
  void counts.set(name, (counts.get(name) ?? 0) + 1);

/** Tries so many operations, each kind in turn, half of them over a socket. Everything that is said goes to `told`. */
export async function raid(
  stage: Stage,
  schema: GraphQLSchema,
  canary: Canary,
  who: Attacker,
  count: number,
  random: () => number,
  told: (said: Said) => void,
  roots: readonly RootField[] = rootFields(schema),
): Promise<Raid> {
  const raid: Raid = { asked: new Map(), given: new Map(), codes: new Map() };
  const place = stage.places[Math.floor(random() * stage.places.length)];
  if (place === undefined) throw new Error('there is nowhere to go');
  const tokens = [...who.forged, ...canary.tokens, who.token];
  const operations = new RandomOperation(
    schema,
    random,
    thievesDraw(canary, who.own, who.spent, random, tokens),
  );
  let wire = new Wire(place.wsUrl, told);
  await wire.signIn(who.token);
  const turns: RootField[] = [];
  try {
    for (let n = 0; n < count; n++) {
      if (turns.length === 0) turns.push(...roots);
      const [root] = turns.splice(Math.floor(random() * turns.length), 1);
      if (root === undefined) throw new Error('the schema has no operations');
      const query = operations.text(root);
      more(raid.asked, root.field.name);
      let body: string;
      if (root.kind === 'subscription' || random() < 0.5) {
        const operation = wire.start(query);
        await settled(operation, root.kind === 'subscription' ? SUBSCRIPTION_MS : 15_000);
        body = operation.frames.join('\n');
      } else {
        const isForged = random() < FORGED;
        const token = isForged ? (who.forged[Math.floor(random() * who.forged.length)] ?? null) : who.token;
        const said = await overHttp(place.url, token, query);
        told(said);
        ({ body } = said);
        if (isForged && !body.includes('UNAUTHENTICATED'))
          throw new Error(`a forged token was taken: ${body}`);
      }
      // Something that is not null, behind the field's own name.
      if (new RegExp(`"${root.field.name}":(?!null)`).test(body)) more(raid.given, root.field.name);
      for (const [, code] of body.matchAll(/"code":"([A-Z_]+)"/g)) more(raid.codes, code ?? '');
      // A token of somebody else's over a socket, and the server hangs up: another one then.
      if (wire.closedBy !== null) {
        wire = new Wire(place.wsUrl, told);
        await wire.signIn(who.token);
      }
    }
  } finally {
    await wire.close();
  }
  return raid;
}
