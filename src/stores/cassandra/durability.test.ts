import { EventEmitter } from 'node:events';
import { types } from 'cassandra-driver';
import { describe, expect, test } from 'vitest';
import { type Logger, silentLogger } from '../../chat/logger.ts';
import { judgeDurability, type NodeSettings, watchDurability } from './durability.ts';
import { CellRefused } from './errors.ts';
import type { Session } from './session.ts';

const node = (
  name: string,
  commitlogSync: string | null,
  paxosVariant: string | null = 'v2',
): NodeSettings => ({
  node: name,
  commitlogSync,
  paxosVariant,
});

/** Warnings of a judgement; throws what it throws. */
function judged(nodes: readonly NodeSettings[], allowPeriodicCommitlog = false): string[] {
  const warnings: string[] = [];
  const logger: Logger = {
    ...silentLogger,
    warn: (fields, message) => void warnings.push(`${JSON.stringify(fields)} ${message}`),
  };
  judgeDurability(nodes, { allowPeriodicCommitlog, logger });
  return warnings;
}

describe('a Cassandra', () => {
  test('that writes its commit log before it answers is taken without a word', () => {
    expect(judged([node('a', 'batch'), node('b', 'group')])).toEqual([]);
  });

  test('of which one node does not is refused, in words that name the node and the way out', () => {
    const refused = () => judged([node('a', 'batch'), node('b', 'periodic')]);
    expect(refused).toThrow(CellRefused);
    expect(refused).toThrow(/\(b\).*commitlog_sync: periodic.*batch.*ALLOW_PERIODIC_COMMITLOG=1/s);
  });

  test('that does not is taken with a warning where that is allowed', () => {
    expect(judged([node('a', 'periodic')], true)).toEqual([expect.stringContaining('does not hold')]);
  });

  test('that does not tell is taken with a warning', () => {
    expect(judged([node('a', null)])).toEqual([expect.stringContaining('does not tell')]);
  });

  test('with the older agreement is taken with a warning', () => {
    expect(judged([node('a', 'batch'), node('b', 'batch', 'v1')])).toEqual([
      expect.stringMatching(/"nodes":"b".*paxos_variant: v2/),
    ]);
  });
});

describe('a node that comes up later', () => {
  /** Errors and warnings about a node whose settings are these, or cannot be read. */
  async function saidOf(settings: Readonly<Record<string, string>> | Error): Promise<string[]> {
    const said: string[] = [];
    const note = (_: object, message: string) => void said.push(message);
    const arrivals: Parameters<Session['onNodeUp']>[0][] = [];
    watchDurability(
      {
        onNodeUp: (listener) => void arrivals.push(listener),
        ask: async () => {
          if (settings instanceof Error) throw settings;
          return Object.entries(settings).map(([name, value]) => ({ name, value }));
        },
      },
      { allowPeriodicCommitlog: false, logger: { ...silentLogger, warn: note, error: note } },
    );
    for (const arrive of arrivals) arrive(Object.assign(new EventEmitter(), hostFields));
    await new Promise((resolve) => setImmediate(resolve));
    return said;
  }
  const hostFields = {
    address: '127.0.0.9:9042',
    cassandraVersion: '5.0.6',
    datacenter: 'dc1',
    rack: 'r1',
    tokens: [],
    hostId: types.Uuid.random(),
    canBeConsideredAsUp: () => true,
    getCassandraVersion: () => [5, 0, 6],
    isUp: () => true,
  };

  test('and writes its commit log before it answers is no news', async () => {
    expect(await saidOf({ commitlog_sync: 'batch', paxos_variant: 'v2' })).toEqual([]);
  });

  test('and may lose messages is told as an error', async () => {
    expect(await saidOf({ commitlog_sync: 'periodic', paxos_variant: 'v2' })).toEqual([
      'A Cassandra node came up that may lose messages',
    ]);
  });

  test('and does not answer is told', async () => {
    expect(await saidOf(new Error('gone again'))).toEqual([
      'A Cassandra node came up and did not tell its settings',
    ]);
  });
});
