/** Prepared statements whose rows are tuples, in the order of their columns. */
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';

export const preparing =
  (db: DatabaseSync) =>
  (sql: string): StatementSync => {
    const statement = db.prepare(sql);
    statement.setReturnArrays(true);
    return statement;
  };

/** The first row as a tuple (the statement returns arrays; strict tables keep their types), or null. */
export const one = <Tuple extends readonly unknown[]>(
  statement: StatementSync,
  values: readonly SQLInputValue[],
): Tuple | null => (statement.get(...values) ?? null) as unknown as Tuple | null;
