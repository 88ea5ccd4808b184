/**
 * Rows of the embedded database kept in memory, exactly: none is given out while a write to its table is under way or
 * after one, and none is kept that was read before one (docs/decisions/0013-kept-rows.md).
 */
import type { Database } from './database.ts';
import type { KeptTable, Writes } from './writes.ts';

/** Rows kept of a kind; those used longest ago go first. */
const MOST = 10_000;

/** What asks the database: an answer for each id, in their order. */
type Ask<Row> = (ids: readonly string[]) => Promise<readonly (Row | null)[]>;

export class KeptRows<Row extends object> {
  readonly #writes: Writes;
  readonly #table: KeptTable;
  readonly #most: number;
  /** Null: there is none by that name. */
  readonly #rows = new Map<string, Row | null>();
  /** What the rows are true of. */
  #version = Number.NaN;

  constructor(writes: Writes, table: KeptTable, most = MOST) {
    this.#writes = writes;
    this.#table = table;
    this.#most = most;
  }

  get size(): number {
    return this.#rows.size;
  }

  /** All rows as they were at one moment, no earlier than this call. @param scope of one length for all: ids are names within it. */
  async of(scope: string, ids: readonly string[], ask: Ask<Row>): Promise<readonly (Row | null)[]> {
    const version = this.#writes.version(this.#table);
    if (version === null) return ask(ids);
    if (version !== this.#version) {
      this.#rows.clear();
      this.#version = version;
    }
    const known = ids.map((id) => this.#known(`${scope}/${id}`));
    const missing = ids.filter((_, i) => known[i] === undefined);
    if (missing.length === 0) return known.map((row) => row ?? null);
    const read = await ask(missing);
    if (this.#writes.version(this.#table) !== version) {
      // Those that were known may be of another moment than those that were read.
      return missing.length === ids.length ? read : ask(ids);
    }
    missing.forEach((id, i) => {
      this.#keep(`${scope}/${id}`, read[i] ?? null);
    });
    const found = read.values();
    return known.map((row) => (row === undefined ? (found.next().value ?? null) : row));
  }

  /** What is kept of one, at once; undefined: it has to be asked for. */
  now(scope: string, id: string): Row | null | undefined {
    const version = this.#writes.version(this.#table);
    return version === null || version !== this.#version ? undefined : this.#known(`${scope}/${id}`);
  }

  /**
   * Told by whoever wrote, after the commit, what all the rows are that the write has changed: they take the places of
   * those that were kept, and all others stay true. Without effect unless it was the only write since `before`, the
   * version when it began.
   */
  rewritten(
    before: number,
    changed: readonly { readonly scope: string; readonly id: string; readonly row: Row }[],
  ): void {
    if (this.#version !== before) return;
    for (const { scope, id, row } of changed) {
      const key = `${scope}/${id}`;
      if (this.#rows.has(key)) this.#rows.set(key, frozen(row));
    }
    // Another write that came between makes the version another, and all is read anew.
    this.#version = before + 1;
  }

  #known(key: string): Row | null | undefined {
    const row = this.#rows.get(key);
    // Their order matters only when some are about to go.
    if (row !== undefined && this.#rows.size * 2 > this.#most) {
      this.#rows.delete(key);
      this.#rows.set(key, row);
    }
    return row;
  }

  #keep(key: string, row: Row | null): void {
    this.#rows.set(key, row === null ? null : frozen(row));
    for (const oldest of this.#rows.keys()) {
      if (this.#rows.size <= this.#most) break;
      this.#rows.delete(oldest);
    }
  }
}

/** A copy that nobody can change, since many are given it. */
const frozen = <Row extends object>(row: Row): Row => Object.freeze({ ...row });

/** Memory for rows of the table; null on a database that others write to as well. */
export const keptRowsOf = <Row extends object>(
  { writes }: Database,
  table: KeptTable,
): KeptRows<Row> | null => (writes === null ? null : new KeptRows<Row>(writes, table));
