/** The settings as the rest of the program sees them: checked, complete, and free of the environment. */

/** The embedded database in a folder, or a Postgres server. */
export type DatabaseConfig =
  | { readonly kind: 'pglite'; readonly dataDir: string }
  | { readonly kind: 'postgres'; readonly url: string };

export interface AuthConfig {
  readonly mode: 'dev' | 'jwt';
  /** Null only in dev mode. */
  readonly jwtSecret: string | null;
  readonly issuer: string | null;
  readonly audience: string | null;
}

export interface Config {
  readonly server: {
    readonly host: string;
    readonly port: number;
    /** Exact origins, or every loopback origin. */
    readonly corsOrigins: readonly string[] | 'loopback';
    readonly isProduction: boolean;
  };
  readonly stores: {
    /** Absolute. */
    readonly dataDir: string;
    readonly database: DatabaseConfig;
    /** Null: SQLite in dataDir. */
    readonly cassandra: { readonly url: string; readonly allowPeriodicCommitlog: boolean } | null;
    /** Null: in-process. */
    readonly redis: { readonly url: string } | null;
  };
  readonly auth: AuthConfig;
  readonly log: { readonly level: LogLevel };
  /** What works but is probably not meant, one sentence each, for the log at start. */
  readonly warnings: readonly string[];
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';
