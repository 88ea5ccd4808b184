/** Things of an organization by id, asked by everybody who sends or reads: one statement for all who ask at the same moment. */
import type { Database } from './database.ts';
import { gathered, roundsOf } from './gathered.ts';
import { keptRowsOf } from './kept-rows.ts';
import type { Queries } from './tables.ts';
import { areUuids, uuidsOf } from './uuids.ts';
import type { KeptTable } from './writes.ts';

/** Who asks for more than this asks alone. */
const FEW = 200;

interface Question {
  readonly organizationId: string;
  readonly ids: readonly string[];
}

type Ask<Thing> = (db: Queries, organizationId: string, ids: readonly string[]) => Promise<readonly Thing[]>;

export interface Lookups<Thing> {
  /** Those that are there, in the order asked, each once; what is no UUID names nothing. */
  byIds(organizationId: string, ids: readonly string[]): Promise<readonly Thing[]>;
  /** One of them at once, null for none; undefined: it has to be asked for. Absent where nothing is kept. */
  byIdNow?(organizationId: string, id: string): Thing | null | undefined;
}

/** @param table the only one that `ask` reads. */
export function lookupsById<Thing extends { readonly id: string }>(
  database: Database,
  table: KeptTable,
  ask: Ask<Thing>,
): Lookups<Thing> {
  const few = gathered(roundsOf(database), (questions: readonly Question[]) =>
    answersOf(database, ask, questions),
  );
  const read = (organizationId: string, ids: readonly string[]): Promise<readonly Thing[]> =>
    ids.length <= FEW ? few({ organizationId, ids }) : database.run((db) => ask(db, organizationId, ids));
  const kept = keptRowsOf<Thing>(database, table);
  const byIds: Lookups<Thing>['byIds'] = async (organizationId, ids) => {
    const wanted = uuidsOf(ids);
    if (wanted.length === 0 || !areUuids(organizationId)) return [];
    if (kept === null) return read(organizationId, wanted);
    const things = await kept.of(organizationId, wanted, async (missing) => {
      const found = new Map((await read(organizationId, missing)).map((thing) => [thing.id, thing]));
      return missing.map((id) => found.get(id) ?? null);
    });
    return things.filter((thing) => thing !== null);
  };
  return { byIds, ...(kept && { byIdNow: (organizationId, id) => kept.now(organizationId, id) }) };
}

/** A statement for each organization: seldom more than a few are heard in one turn. */
async function answersOf<Thing extends { readonly id: string }>(
  database: Database,
  ask: Ask<Thing>,
  questions: readonly Question[],
): Promise<readonly (readonly Thing[])[]> {
  const byOrganization = Map.groupBy(questions, ({ organizationId }) => organizationId);
  const found = new Map(
    await Promise.all(
      [...byOrganization].map(async ([organizationId, of]) => {
        const ids = uuidsOf(of.flatMap((question) => question.ids));
        const things = await database.run((db) => ask(db, organizationId, ids));
        return [organizationId, new Map(things.map((thing) => [thing.id, thing]))] as const;
      }),
    ),
  );
  return questions.map(({ organizationId, ids }) =>
    ids.flatMap((id) => found.get(organizationId)?.get(id) ?? []),
  );
}
