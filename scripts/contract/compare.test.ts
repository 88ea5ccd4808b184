import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSchema } from 'graphql';
import { describe, expect, test } from 'vitest';
import { compareWithContract } from './compare.ts';

const contract = `
  interface Node { id: ID! }
  type Query { node(id: ID!): Node channel(id: ID, handle: String!): Channel }
  type Channel implements Node { id: ID! name: String! head: Int messages(first: Int, around: Int): [String!]! pins: Int }
  input SendInput { channelId: ID! text: String! basis: Int }
  type Mutation { send(input: SendInput!): Channel! }
  enum Code { NOT_FOUND CONFLICT }
`;
const compare = (schema: string) => compareWithContract(buildSchema(contract), buildSchema(schema));

test('the contract itself is whole and the same', () => {
  expect(compare(contract)).toEqual({ missing: [], differing: [] });
});

test('more than the contract is welcome', () => {
  const more = contract
    .replace('name: String!', 'name: String! topic(short: Boolean): String!')
    .replace('basis: Int', 'basis: Int metadata: String')
    .replace('CONFLICT', 'CONFLICT LATE');
  expect(compare(`${more} type Poll { id: ID! }`)).toEqual({ missing: [], differing: [] });
});

test('what is not there yet is listed', () => {
  const less = contract
    .replace(', around: Int', '')
    .replace('pins: Int', '')
    .replace('basis: Int', '')
    .replace(' CONFLICT', '')
    .replace('type Mutation { send(input: SendInput!): Channel! }', '');
  expect(compare(less)).toEqual({
    missing: ['Channel.messages(around:)', 'Channel.pins', 'SendInput.basis', 'Mutation', 'Code.CONFLICT'],
    differing: [],
  });
});

test('an interface that is not there yet takes its implementations along', () => {
  const less = contract
    .replace('interface Node { id: ID! }', '')
    .replace('node(id: ID!): Node', '')
    .replace('implements Node', '');
  expect(compare(less)).toEqual({
    missing: ['Node', 'Query.node', 'Channel does not implement Node'],
    differing: [],
  });
});

describe('what differs', () => {
  test.each([
    ['a type', 'name: String!', 'name: Int!', 'Channel.name is Int!, not String!'],
    ['a field become nullable', 'name: String!', 'name: String', 'Channel.name is String, not String!'],
    ['a field become non-null', 'head: Int', 'head: Int!', 'Channel.head is Int!, not Int'],
    ['a list of nullables', '[String!]!', '[String]!', 'Channel.messages is [String]!, not [String!]!'],
    ['the type of an argument', 'first: Int', 'first: String', 'Channel.messages(first:) is String, not Int'],
    ['an argument become required', 'id: ID,', 'id: ID!,', 'Query.channel(id:) is ID!, not ID'],
    [
      'a required argument not there',
      ', handle: String!',
      '',
      'Query.channel(handle:) is required and not there',
    ],
    ['a required input field not there', 'text: String!', '', 'SendInput.text is required and not there'],
    ['an input field become required', 'basis: Int', 'basis: Int!', 'SendInput.basis is Int!, not Int'],
    ['an interface', 'implements Node', '', 'Channel does not implement Node'],
    ['a new required argument', 'head: Int', 'head(x: Int!): Int', 'required arg x on Channel.head'],
    [
      'a new required input field',
      'basis: Int',
      'basis: Int x: Int!',
      'required field x on input type SendInput',
    ],
    ['a kind', 'enum Code { NOT_FOUND CONFLICT }', 'scalar Code', 'Code changed from'],
  ])('%s', (_, from, to, said) => {
    const { missing, differing } = compare(contract.replace(from, to));
    expect(missing).toEqual([]);
    expect(differing.join('\n')).toContain(said);
    expect(differing).toHaveLength(1);
  });
});

describe('the command', () => {
  const run = (...args: string[]) =>
    spawnSync(process.execPath, ['scripts/contract.ts', ...args], { encoding: 'utf8' });

  function withFiles(schema: string, check: (contractFile: string, schemaFile: string) => void): void {
    const folder = mkdtempSync(join(tmpdir(), 'contract-'));
    const [a, b] = [join(folder, 'contract.graphql'), join(folder, 'schema.graphql')];
    writeFileSync(a, contract);
    writeFileSync(b, schema);
    check(a, b);
    rmSync(folder, { recursive: true });
  }

  test('fails for what differs', () => {
    withFiles(contract.replace('head: Int', 'head: String'), (a, b) => {
      const { status, stderr } = run(a, b);
      expect(status).toBe(1);
      expect(stderr).toContain('Channel.head is String, not Int');
    });
  });

  test('passes for what is not there yet, and counts it', () => {
    withFiles(contract.replace('head: Int', ''), (a, b) => {
      const { status, stdout } = run(a, b);
      expect(stdout).toContain('Not there yet: 1');
      expect(stdout).toContain('Channel.head');
      expect(status).toBe(0);
    });
  });

  test('says how to call it', () => {
    expect(run()).toMatchObject({ status: 2, stderr: expect.stringContaining('npm run contract -- FILE') });
  });

  test('names the file that it cannot read', () => {
    const { status, stderr } = run('no-such.graphql');
    expect(status).toBe(2);
    expect(stderr).toContain('no-such.graphql');
  });

  test('names the file that is no schema', () => {
    withFiles('type Query {', (a, b) => {
      const { status, stderr } = run(a, b);
      expect(status).toBe(2);
      expect(stderr).toContain(b);
    });
  });
});
