/** The settings as the rest of the program sees them: checked, complete, and free of the environment. */
import type { limits } from '../chat/limits.ts';
import type { RateLimits } from '../chat/rates/rates.ts';

/** The embedded database in a folder, or a Postgres server. */
export type DatabaseConfig =
  | { readonly kind: 'pglite'; readonly dataDir: string }
  | { readonly kind: 'postgres'; readonly url: string };

/** A cell's Cassandra. */
export interface CassandraConfig {
  readonly url: string;
  readonly allowPeriodicCommitlog: boolean;
}

export interface AuthConfig {
  readonly mode: 'dev' | 'jwt';
  /** In jwt mode this or jwksUrl is there, or both. */
  readonly jwtSecret: string | null;
  /** Where the identity provider publishes its keys. */
  readonly jwksUrl: string | null;
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
    /** Addresses and networks whose word is taken for who is behind them. */
    readonly trustedProxies: readonly string[];
  };
  readonly fleet: {
    /** `api`: HTTP alone; `edge`: WebSockets alone. */
    readonly role: Role;
    /** Null: the address it listens on. */
    readonly edgeUrl: string | null;
    readonly drainMs: number;
  };
  readonly stores: {
    /** Absolute. */
    readonly dataDir: string;
    readonly database: DatabaseConfig;
    /** The cell `default`. Null: SQLite in dataDir. */
    readonly cassandra: CassandraConfig | null;
    /** Further cells, by name. */
    readonly cells: readonly (CassandraConfig & { readonly name: string })[];
    /** Null: in-process. */
    readonly redis: { readonly url: string } | null;
  };
  readonly auth: AuthConfig;
  readonly operations: {
    readonly limits: Readonly<Record<keyof typeof limits.operation, number>>;
    /** An absolute path; null: any document runs. */
    readonly persistedDocuments: string | null;
  };
  readonly rates: RateLimits;
  readonly log: { readonly level: LogLevel };
  /** Null: no traces. */
  readonly traces: TraceConfig | null;
  /** What works but is probably not meant, one sentence each, for the log at start. */
  readonly warnings: readonly string[];
}

export type Role = 'all' | 'api' | 'edge';

export interface TraceConfig {
  readonly protocol: 'http/protobuf' | 'http/json';
  /** Of the requests that begin here. */
  readonly share: number;
  /** Whether a request that is part of a client's trace is traced as the client decided. */
  readonly followsCaller: boolean;
}

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent';
