/** Further cells: `CELL_<NAME>` for any name, each the address of a Cassandra as CASSANDRA_URL has it. */
import type { Fault } from './faults.ts';
import { CASSANDRA_ADDRESS, CASSANDRA_EXAMPLE } from './stores.ts';

export interface CellAddress {
  /** In lower case; never `default`, which is CASSANDRA_URL or, without it, SQLite. */
  readonly name: string;
  readonly url: string;
}

const PREFIX = 'CELL_';
const NAME = /^[a-z0-9][a-z0-9_]{0,39}$/;
const DEFAULT = 'default';

/** What is said of them by `--help`. */
export const aboutCells = {
  name: 'CELL_<NAME>',
  meaning: 'another cell for messages, a Cassandra or keyspace of its own; `org create --cell NAME` uses it',
  fallback: 'none: one cell, `default`, which is CASSANDRA_URL',
} as const;

/** By name, and what is wrong with any of them. `given`: the environment without what is empty. */
export function readCells(given: Readonly<Record<string, string | undefined>>): {
  readonly cells: readonly CellAddress[];
  readonly faults: readonly Fault[];
} {
  const faults: Fault[] = [];
  const cells: (CellAddress & { readonly variable: string })[] = [];
  for (const [variable, value] of Object.entries(given)) {
    if (!variable.startsWith(PREFIX) || value === undefined) continue;
    const name = variable.slice(PREFIX.length).toLowerCase();
    const url = value.trim();
    const problem = problemOf(name, url) ?? clash(name, url, [...cells, ...defaultCell(given)]);
    if (problem === null) cells.push({ name, url, variable });
    else faults.push({ variable, problem });
  }
  return {
    cells: cells.map(({ name, url }) => ({ name, url })).sort((a, b) => (a.name < b.name ? -1 : 1)),
    faults,
  };
}

function problemOf(name: string, url: string): string | null {
  if (name === DEFAULT) return 'cannot be set: the cell `default` is CASSANDRA_URL.';
  if (!NAME.test(name)) return 'has no name for a cell: expected 1 to 40 letters, digits or _ after CELL_.';
  if (!CASSANDRA_ADDRESS.test(url)) {
    return `cannot be used (its value is not shown); expected an address such as ${CASSANDRA_EXAMPLE}.`;
  }
  return null;
}

interface Named extends CellAddress {
  readonly variable: string;
}

const defaultCell = ({ CASSANDRA_URL }: Readonly<Record<string, string | undefined>>): readonly Named[] =>
  CASSANDRA_URL === undefined ? [] : [{ name: DEFAULT, url: CASSANDRA_URL, variable: 'CASSANDRA_URL' }];

function clash(name: string, url: string, others: readonly Named[]): string | null {
  const same = others.find((other) => other.name === name);
  if (same !== undefined) return `names the same cell as ${same.variable}: case makes no difference.`;
  const shared = others.find((other) => isSameKeyspace(other.url, url));
  if (shared === undefined) return null;
  return `is the same keyspace as ${shared.variable}: a restore of the one would be one of the other. Expected a keyspace of its own.`;
}

/** The same as far as the addresses tell; the keyspace itself says for good which cell it is. */
const isSameKeyspace = (one: string, other: string): boolean =>
  placeOf(one).keyspace === placeOf(other).keyspace && isSameCluster(one, other);

/** Whether two addresses are of one cluster, as far as they tell. */
export function isSameCluster(one: string, other: string): boolean {
  const nodes = new Set(placeOf(other).nodes);
  return placeOf(one).nodes.some((node) => nodes.has(node));
}

function placeOf(url: string): { readonly nodes: readonly string[]; readonly keyspace: string } {
  const [, hosts = '', keyspace = ''] = /^cassandra:\/\/(?:[^/]*@)?([^/]*)\/([^?]*)/.exec(url) ?? [];
  const port = /:(\d+)(?:,|$)/.exec(hosts)?.[1] ?? '9042';
  const nodes = hosts.split(',').map((host) => `${host.replace(/:\d+$/, '').toLowerCase()}:${port}`);
  return { nodes, keyspace };
}
