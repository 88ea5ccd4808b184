/** Where things are kept: embedded stores in DATA_DIR, or services. */
import { z } from 'zod';
import { setting, urlOf } from './setting.ts';

/**
 * Several hosts, each with a port of its own: no URL in the sense of the standard. The keyspace's rule is its store's
 * own, and so case matters; hosts, login and query are checked where they are used.
 */
export const CASSANDRA_ADDRESS = /^cassandra:\/\/[^/?#\s]+\/(?!system)[a-z][a-z0-9_]{0,47}(\?[^#\s]*)?$/;
export const CASSANDRA_EXAMPLE = 'cassandra://user:password@host1,host2:9042/keyspace?dc=datacenter1&rf=3';

export const storesModel = z.object({
  DATA_DIR: setting(z.string().default('./data'), {
    meaning: 'folder of the embedded stores and of the key that signs dev tokens',
    fallback: './data',
    expected: 'a folder',
  }),
  DATABASE_URL: setting(urlOf(['postgres:', 'postgresql:']), {
    meaning: 'Postgres: people, channels, memberships',
    fallback: 'none: an embedded one (PGlite) in DATA_DIR',
    expected: 'an address such as postgres://user:password@host:5432/database',
    isSecret: true,
  }),
  CASSANDRA_URL: setting(z.string().regex(CASSANDRA_ADDRESS).optional(), {
    meaning: 'Cassandra: messages; the cell `default`',
    fallback: 'none: SQLite in DATA_DIR',
    expected: `an address such as ${CASSANDRA_EXAMPLE}`,
    isSecret: true,
  }),
  ALLOW_PERIODIC_COMMITLOG: setting(
    z
      .enum(['0', '1'])
      .default('0')
      .transform((text) => text === '1'),
    {
      meaning: '1: run on a Cassandra with commitlog_sync periodic, which can lose saved messages',
      fallback: 'such a Cassandra is refused',
      expected: '1, or nothing',
    },
  ),
  REDIS_URL: setting(urlOf(['redis:', 'rediss:']), {
    meaning: 'Redis: carries live events between replicas',
    fallback: 'none: in-process, for one replica',
    expected: 'an address such as redis://host:6379',
    isSecret: true,
  }),
});
