/**
 * PGlite that keeps what it has prepared: its own `query` parses, plans and describes each statement anew, in six
 * steps into WebAssembly and back, where one that is known needs one (measured: less than half the time). And tells of
 * every write there is, before it can have happened and after it is committed or undone.
 */
import {
  PGlite,
  parse,
  protocol,
  type QueryOptions,
  type Results,
  type Transaction,
} from '@electric-sql/pglite';
import { KEPT_TABLES, tablesWritten, Writes } from './writes.ts';

/** Statements kept, each with its plan; lists in Kysely's queries make a statement for each length. */
const KEPT = 200;

interface Prepared {
  readonly name: string;
  readonly types: readonly number[];
}

const { serialize } = protocol;

/** Whatever else a statement is, it may change tables, and with them what is prepared. */
const CHANGES_NO_TABLE = /^[\s(]*(?:select|insert|update|delete|with|values)\b/i;

export class PreparedPGlite extends PGlite {
  readonly #prepared = new Map<string, Prepared>();
  readonly #writes: Writes;
  #made = 0;

  constructor(folder?: string, writes = new Writes()) {
    super(folder);
    this.#writes = writes;
  }

  // PGlite's own signature.
  // biome-ignore lint/suspicious/noExplicitAny: parameters and rows are whatever the statement says
  override async query<T>(text: string, params: any[] = [], options?: QueryOptions): Promise<Results<T>> {
    const written = this.#writes.begin(tablesWritten(text));
    try {
      await this._checkReady();
      return await this._runExclusiveTransaction(async () => {
        try {
          return await this._runExclusiveQuery(() => this.#run<T>(text, params, options));
        } catch (error) {
          if (!isOutOfDate(error)) throw error;
          // A change of its tables was rolled back: nothing was executed, and it is prepared anew.
          return this._runExclusiveQuery(async () => {
            await this.#forget(text);
            return this.#run<T>(text, params, options);
          });
        }
      });
    } finally {
      written();
    }
  }

  override async exec(text: string, options?: QueryOptions): Promise<Results[]> {
    const written = this.#writes.begin(KEPT_TABLES);
    try {
      const results = await super.exec(text, options);
      await this._runExclusiveQuery(() => this.#forgetAll());
      return results;
    } finally {
      written();
    }
  }

  override async transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    // What it wrote is others' to see at its end, however it ends.
    const written: (() => void)[] = [];
    const write = (text: string | null): void => {
      const tables = text === null ? KEPT_TABLES : tablesWritten(text);
      if (tables.length > 0) written.push(this.#writes.begin(tables));
    };
    try {
      return await super.transaction((transaction) => {
        const prepared: Transaction = Object.create(transaction);
        prepared.query = (text, params = [], options) => {
          write(text);
          return this._runExclusiveQuery(() => this.#run(text, params, options));
        };
        prepared.exec = (text, options) => {
          write(null);
          return transaction.exec(text, options);
        };
        prepared.sql = (strings, ...params) => {
          write(null);
          return transaction.sql(strings, ...params);
        };
        return work(prepared);
      });
    } finally {
      for (const end of written) end();
    }
  }

  override async sql<T>(strings: TemplateStringsArray, ...params: unknown[]): Promise<Results<T>> {
    const written = this.#writes.begin(KEPT_TABLES);
    try {
      return await super.sql<T>(strings, ...params);
    } finally {
      written();
    }
  }

  async #run<T>(text: string, params: readonly unknown[], options?: QueryOptions): Promise<Results<T>> {
    const { name, types } = this.#known(text) ?? (await this.#prepare(text));
    const values = params.map((value, i) => {
      if (value === null || value === undefined) return null;
      const write = this.serializers[types[i] ?? 0];
      return write === undefined ? String(value) : write(value);
    });
    const { messages } = await this.execProtocol(
      joined(
        serialize.bind({ statement: name, values }),
        serialize.describe({ type: 'P' }),
        serialize.execute({}),
        serialize.sync(),
      ),
    );
    if (!CHANGES_NO_TABLE.test(text)) await this.#forgetAll();
    const [result] = parse.parseResults(messages, this.parsers, options);
    if (result === undefined) throw new Error('a statement had no result');
    return result as Results<T>;
  }

  #known(text: string): Prepared | undefined {
    const known = this.#prepared.get(text);
    if (known === undefined) return undefined;
    // Used last, forgotten last.
    this.#prepared.delete(text);
    this.#prepared.set(text, known);
    return known;
  }

  async #prepare(text: string): Promise<Prepared> {
    const name = `s${++this.#made}`;
    const { messages } = await this.execProtocol(
      joined(serialize.parse({ name, text }), serialize.describe({ type: 'S', name }), serialize.sync()),
    );
    const prepared = { name, types: parse.parseDescribeStatementResults(messages) };
    this.#prepared.set(text, prepared);
    for (const oldest of this.#prepared.keys()) {
      if (this.#prepared.size <= KEPT) break;
      await this.#forget(oldest);
    }
    return prepared;
  }

  async #forgetAll(): Promise<void> {
    for (const text of [...this.#prepared.keys()]) await this.#forget(text);
  }

  async #forget(text: string): Promise<void> {
    const known = this.#prepared.get(text);
    if (known === undefined) return;
    this.#prepared.delete(text);
    await this.execProtocol(joined(serialize.close({ type: 'S', name: known.name }), serialize.sync()));
  }
}

/** `cached plan must not change result type`. */
const isOutOfDate = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === '0A000';

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
