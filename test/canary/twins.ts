/**
 * What is foreign and what does not exist answer alike: the same operation is asked twice by somebody quiet, once with what was
 * stolen, once with the like of it that names nothing, and the answers must be the same to the byte, apart from what was named.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { GraphQLSchema } from 'graphql';
import { Absent, typeOf } from './loot.ts';
import type { Canary } from './plant.ts';
import { type Draw, RandomOperation, rootFields } from './random-operation.ts';
import type { Stage } from './stage.ts';
import { type Operation, overHttp, settled, Wire } from './wire.ts';

/** What a new thing of one's own is called and when it came to be differs each time. */
// The last form is that of a connection.
const OWN_NEWS =
  /"(?:[A-Za-z0-9_-]{40,}|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f-]{36}\.[0-9a-f-]{36})"/g;
const SILENT_MS = 120;
const ANSWER_MS = 10_000;

export interface Pair {
  readonly query: string;
  readonly foreign: string;
  readonly absent: string;
}

/**
 * Everything that can be foreign is; with the twin of each.
 * @param taken of the names that clients give, those under which something of one's own was made since: a repeat is answered with it.
 */
function foreignDraw(
  canary: Canary,
  random: () => number,
  isMutation: boolean,
  used: Map<string, string>,
  taken: ReadonlySet<string>,
): Draw {
  const { loot } = canary;
  const absent = new Absent(random);
  const one = (all: readonly string[]): string => {
    const drawn = all[Math.floor(random() * all.length)] ?? 'x';
    used.set(drawn, absent.twinOf(drawn));
    return drawn;
  };
  return (name, type) => {
    if (type === 'ID') {
      const kind = random() < 0.1 ? undefined : typeOf(name);
      return one(
        kind === undefined ? loot.kinds.filter(isId).flatMap((each) => loot.of(each)) : loot.of(kind),
      );
    }
    if (type === 'UUID') {
      const foreign = canary.clientIds.filter((id) => !taken.has(id));
      return foreign.length === 0 ? undefined : one(foreign);
    }
    if (type !== 'String') return undefined;
    if (name === 'after' || name === 'before')
      return one(loot.of(random() < 0.5 ? 'event cursor' : 'page cursor'));
    const isNamedAnew = isMutation && name === 'name';
    if (name !== 'handle' && !isNamedAnew) return 'x';
    const handle = canary.handles[Math.floor(random() * canary.handles.length)] ?? 'x';
    // Taken by oneself is taken: what is made is called anew each time.
    const given = isMutation ? `${handle}-${fresh(random, 8)}` : handle;
    // As long as the other: errors say where in the document they are.
    used.set(given, fresh(random, given.length));
    return given;
  };
}

const isId = (kind: string): boolean => !kind.endsWith('cursor');
const fresh = (random: () => number, length: number): string =>
  Array.from({ length }, () => Math.floor(random() * 36).toString(36)).join('');

/** @returns pairs of answers, with what was named taken out of both; those of operations that named nothing foreign are left out. */
export async function twins(
  stage: Stage,
  schema: GraphQLSchema,
  canary: Canary,
  token: string,
  count: number,
  random: () => number,
  /** How long one of two is waited for that has said less. */
  patienceMs = ANSWER_MS,
): Promise<Pair[]> {
  const place = stage.places[0];
  if (place === undefined) throw new Error('there is nowhere to go');
  const wire = new Wire(place.wsUrl, () => undefined);
  await wire.signIn(token);
  const over = async (query: string): Promise<string> => (await overHttp(place.url, token, query)).body;
  const textOf = ({ frames }: Operation): string =>
    frames.map((frame) => frame.replace(/,?"id":"[0-9]+",?/, '')).join('\n');
  /** Both, and neither is left before the other one has said as much, unless it has nothing more to say. */
  const live = async (
    queries: readonly [string, string],
    isEndless: boolean,
  ): Promise<readonly [string, string]> => {
    const [one, other] = [wire.start(queries[0]), wire.start(queries[1])];
    for (const each of [one, other]) await settled(each, isEndless ? SILENT_MS : ANSWER_MS);
    const isUneven = (): boolean => one.frames.length !== other.frames.length;
    for (let waited = 0; waited < patienceMs && isUneven(); waited += 20) await sleep(20);
    return [textOf(one), textOf(other)];
  };
  const pairs: Pair[] = [];
  const taken = new Set<string>();
  try {
    const roots = rootFields(schema).filter(({ field }) => field.args.length > 0);
    for (let n = 0; pairs.length < count && n < 3 * count; n++) {
      const root = roots[n % roots.length];
      if (root === undefined) break;
      const used = new Map<string, string>();
      const draw = foreignDraw(canary, random, root.kind === 'mutation', used, taken);
      const query = new RandomOperation(schema, random, draw).text(root);
      const named = [...used].map(([value, absent]) => ({ value, absent }));
      if (named.length === 0) continue;
      const twin = named.reduce((text, { value, absent }) => text.replaceAll(value, absent), query);
      const isEndless = root.kind === 'subscription';
      const [foreign, absent] =
        isEndless || random() < 0.3
          ? await live([query, twin], isEndless)
          : [await over(query), await over(twin)];
      if (root.kind === 'mutation' && !isRefused(foreign)) {
        for (const { value } of named) taken.add(value);
      }
      pairs.push({
        query,
        foreign: without(
          foreign,
          named.map(({ value }) => value),
        ),
        absent: without(
          absent,
          named.map((each) => each.absent),
        ),
      });
    }
  } finally {
    await wire.close();
  }
  return pairs;
}

/** Nothing was done: the mutation itself failed, or nothing of the document was run. What fails deeper fails after it was done. */
const isRefused = (answer: string): boolean =>
  /"path":\["\w+"\]/.test(answer) || (answer.includes('"errors"') && !answer.includes('"path"'));

function without(answer: string, named: readonly string[]): string {
  const frames = answer.split('\n').filter((frame) => frame !== '');
  let rest = frames.map(sorted).join('\n');
  for (const value of named) rest = rest.replaceAll(value, '<named>');
  return rest.replace(OWN_NEWS, '"<new>"');
}

/** What failed at the same time is told in any order. */
function sorted(answer: string): string {
  return JSON.stringify(JSON.parse(answer), (name, value: unknown) =>
    name === 'errors' && Array.isArray(value) ? value.map((error) => JSON.stringify(error)).sort() : value,
  );
}
