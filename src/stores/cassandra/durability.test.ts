import { describe, expect, test } from 'vitest';
import { type Logger, silentLogger } from '../../chat/logger.ts';
import { judgeDurability, type NodeSettings } from './durability.ts';
import { CellRefused } from './errors.ts';

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
