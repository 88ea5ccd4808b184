/**
 * Which writes are under way in the embedded database: every statement goes through this process, so that whoever keeps
 * rows of a table knows when they may be others by now (docs/decisions/0013-kept-rows.md).
 */
import type { Tables } from './tables.ts';

/** Every table, and whether rows of it are kept: a new one has to be thought of here. */
const IS_KEPT = {
  users: true,
  channels: true,
  memberships: true,
  cells: false,
  organizations: false,
  outbox: false,
  notified: false,
  notifications: false,
  channel_mentions: false,
  recounts: false,
  revocations: false,
  edge_leases: false,
} as const satisfies Record<keyof Tables, boolean>;

type TableName = keyof typeof IS_KEPT;

export type KeptTable = {
  [Name in TableName]: (typeof IS_KEPT)[Name] extends true ? Name : never;
}[TableName];

export const KEPT_TABLES: readonly KeptTable[] = ['users', 'channels', 'memberships'];

/** Whatever else a statement is may change anything. */
const CHANGES_ROWS_ONLY = /^[\s(]*(?:select|insert|update|delete|with|values)\b/i;
/** They lock rows, or belong to an INSERT. */
const NO_UPDATE = /\bfor\s+(?:no\s+key\s+)?update\b|\bdo\s+update\b/gi;
const WRITING = /\b(?:insert|update|delete|merge)\b/gi;
const WRITTEN =
  /\b(?:insert\s+into|update|delete\s+from|merge\s+into)\s+(?:only\s+)?"?([a-z_]+)"?(?!["\w.])/gi;

const isTable = (name: string): name is TableName => Object.hasOwn(IS_KEPT, name);
const isKept = (name: TableName): name is KeptTable => IS_KEPT[name];

/** Tables with kept rows that the statement may write: all of them when it is not plain what it does. */
export function tablesWritten(statement: string): readonly KeptTable[] {
  if (!CHANGES_ROWS_ONLY.test(statement)) return KEPT_TABLES;
  const text = statement.replace(NO_UPDATE, '');
  const words = text.match(WRITING);
  if (words === null) return [];
  const names = [...text.matchAll(WRITTEN)].map(([, name = '']) => name);
  // A name in a form that is not known here.
  if (names.length !== words.length || !names.every(isTable)) return KEPT_TABLES;
  return names.filter(isKept);
}

/** Told before a write can have happened, and after it is committed or undone. */
export class Writes {
  readonly #underWay: Record<KeptTable, number> = { users: 0, channels: 0, memberships: 0 };
  readonly #begun: Record<KeptTable, number> = { users: 0, channels: 0, memberships: 0 };

  /** @returns ends it, once. */
  begin(tables: readonly KeptTable[]): () => void {
    for (const table of tables) {
      this.#underWay[table] += 1;
      this.#begun[table] += 1;
    }
    return () => {
      for (const table of tables) this.#underWay[table] -= 1;
    };
  }

  /** While it stays the same number, so does what the table holds. Null while a write is under way. */
  version(table: KeptTable): number | null {
    return this.#underWay[table] > 0 ? null : this.#begun[table];
  }
}
