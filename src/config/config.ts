/** Reads the environment, once, and says everything that is wrong with it in one error. */
import { resolve } from 'node:path';
import type { z } from 'zod';
import { authModel } from './auth.ts';
import { readCells } from './cells.ts';
import { conflicts, doubts } from './combination.ts';
import { ConfigError, type Fault } from './faults.ts';
import { fleetModel } from './fleet.ts';
import { logModel } from './log.ts';
import { operationsModel } from './operations.ts';
import { rateLimits, ratesModel } from './rates.ts';
import { serverModel } from './server.ts';
import { aboutSetting } from './setting.ts';
import type { Config, LogLevel } from './settings.ts';
import { storesModel } from './stores.ts';
import { telemetryModel, traceConfig } from './telemetry.ts';

export type { AuthConfig, Config, DatabaseConfig, LogLevel } from './settings.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

const models = [
  serverModel,
  fleetModel,
  storesModel,
  authModel,
  operationsModel,
  ratesModel,
  logModel,
  telemetryModel,
] as const;

/** Throws ConfigError, which names every setting that cannot be used. */
export function readConfig(env: Environment = process.env): Config {
  // Compose files and shells pass on empty variables for unset ones.
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim() !== ''));
  const faults = [...models.flatMap((model) => faultsOf(model, given)), ...readCells(given).faults];
  const faulty = new Set(faults.map((fault) => fault.variable));
  // What remains is looked at as a whole too, so that one message names everything; without a mode nothing
  // can be said of the whole.
  const config = shape(Object.fromEntries(Object.entries(given).filter(([name]) => !faulty.has(name))));
  const clashes = faulty.has('AUTH_MODE') ? [] : conflicts(config);
  const all = [
    ...faults,
    ...clashes.filter(({ variable }) => !variable.split(' and ').some((v) => faulty.has(v))),
  ];
  if (all.length > 0) throw new ConfigError(all);
  return { ...config, warnings: doubts(config) };
}

/**
 * The log's level alone, before the rest is checked, so that faults can be written in the form asked for; `info`
 * when it is itself at fault.
 */
export function readLogLevel(env: Environment = process.env): LogLevel {
  const read = logModel.safeParse({ LOG_LEVEL: env.LOG_LEVEL === '' ? undefined : env.LOG_LEVEL });
  return read.success ? read.data.LOG_LEVEL : 'info';
}

function faultsOf(model: z.ZodObject, given: Environment): readonly Fault[] {
  const read = model.safeParse(given);
  if (read.success) return [];
  const names = new Set(read.error.issues.map((issue) => String(issue.path[0])));
  return [...names].map((variable) => {
    const field = model.shape[variable];
    if (field === undefined) throw new Error(`No setting is called ${variable}`);
    const { expected, isSecret } = aboutSetting(field);
    const value = isSecret
      ? 'cannot be used (its value is not shown)'
      : `is ${JSON.stringify(given[variable])}`;
    return { variable, problem: `${value}; expected ${expected}.` };
  });
}

function shape(given: Environment): Config {
  const server = serverModel.parse(given);
  const fleet = fleetModel.parse(given);
  const stores = storesModel.parse(given);
  const auth = authModel.parse(given);
  const operations = operationsModel.parse(given);
  const dataDir = resolve(stores.DATA_DIR);
  const { cells } = readCells(given);
  const isLocal =
    cells.length === 0 && [stores.DATABASE_URL, stores.CASSANDRA_URL, stores.REDIS_URL].every((url) => !url);
  const mode = auth.AUTH_MODE ?? (isLocal ? 'dev' : 'jwt');
  return {
    server: {
      host: server.HOST,
      port: server.PORT,
      corsOrigins: server.CORS_ORIGINS ?? (mode === 'dev' ? 'loopback' : []),
      isProduction: server.NODE_ENV === 'production',
      trustedProxies: server.TRUSTED_PROXIES ?? [],
    },
    fleet: {
      role: fleet.ROLE,
      edgeUrl: fleet.EDGE_URL ?? null,
      drainMs: (fleet.DRAIN_SECONDS ?? (mode === 'dev' ? 0 : 10)) * 1_000,
    },
    stores: {
      dataDir,
      database: stores.DATABASE_URL
        ? { kind: 'postgres', url: stores.DATABASE_URL }
        : { kind: 'pglite', dataDir },
      cassandra: stores.CASSANDRA_URL
        ? { url: stores.CASSANDRA_URL, allowPeriodicCommitlog: stores.ALLOW_PERIODIC_COMMITLOG }
        : null,
      cells: cells.map((cell) => ({ ...cell, allowPeriodicCommitlog: stores.ALLOW_PERIODIC_COMMITLOG })),
      redis: stores.REDIS_URL ? { url: stores.REDIS_URL } : null,
    },
    auth: {
      mode,
      jwtSecret: auth.JWT_SECRET ?? null,
      jwksUrl: auth.JWKS_URL ?? null,
      issuer: auth.JWT_ISSUER ?? null,
      audience: auth.JWT_AUDIENCE ?? null,
    },
    operations: {
      limits: {
        tokens: operations.QUERY_MAX_TOKENS,
        depth: operations.QUERY_MAX_DEPTH,
        aliases: operations.QUERY_MAX_ALIASES,
        directives: operations.QUERY_MAX_DIRECTIVES,
        cost: operations.QUERY_MAX_COST,
      },
      persistedDocuments:
        operations.PERSISTED_DOCUMENTS === undefined ? null : resolve(operations.PERSISTED_DOCUMENTS),
    },
    rates: rateLimits(ratesModel.parse(given)),
    log: { level: logModel.parse(given).LOG_LEVEL },
    traces: traceConfig(given),
    warnings: [],
  };
}
