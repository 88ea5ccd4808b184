/** A private database on disk, as staging needs one: SQL as SQLite has it. */
export interface Scratch {
  exec(sql: string): void;
  prepare(sql: string): ScratchStatement;
  close(): void;
}

export interface ScratchStatement {
  run(...values: (string | number | null)[]): { readonly changes: number | bigint };
  get(...values: (string | number | null)[]): Record<string, unknown> | undefined;
  all(...values: (string | number | null)[]): Record<string, unknown>[];
}
