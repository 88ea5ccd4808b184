/** For what runs by itself over all organizations: leaves out those whose cell does not answer. */
import { type RawBuilder, sql } from 'kysely';

/** Nothing to look at, as a rule: then the database has nothing to do for it. */
export const outsideCells = (
  organizationId: RawBuilder<unknown>,
  cells: readonly string[],
): RawBuilder<boolean> =>
  cells.length === 0
    ? sql<boolean>`true`
    : sql<boolean>`${organizationId} not in (select id from organizations where cell = any(${cells}::text[]))`;
