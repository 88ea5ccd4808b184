import { buildSchema, execute, isObjectType, parse } from 'graphql';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { rejecting } from './rejecting.ts';

const unhandled: unknown[] = [];
const note = (error: unknown): void => void unhandled.push(error);
let others: NodeJS.UnhandledRejectionListener[] = [];

beforeEach(() => {
  unhandled.length = 0;
  // Those of the test runner: what is looked for here is not its business.
  others = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', note);
});

afterEach(() => {
  process.removeAllListeners('unhandledRejection');
  for (const listener of others) process.on('unhandledRejection', listener);
});

/** Two items: the first has something to wait for when it throws, the second has not. */
async function run(change: typeof rejecting) {
  const schema = buildSchema('type Query { list: [Item!]! } type Item { slow: String! bad: String! }');
  const item = schema.getType('Item');
  if (!isObjectType(item)) throw new Error('no Item');
  const { slow, bad } = item.getFields();
  if (slow === undefined || bad === undefined) throw new Error('no fields');
  slow.resolve = ({ isSlow }) => (isSlow ? new Promise((resolve) => setTimeout(() => resolve('x'), 5)) : 'x');
  bad.resolve = () => {
    throw new Error('refused');
  };
  const rootValue = { list: [{ isSlow: true }, { isSlow: false }] };
  const result = await execute({
    schema: change(schema),
    document: parse('{ list { slow bad } }'),
    rootValue,
  });
  await new Promise((resolve) => setTimeout(resolve, 20));
  return result;
}

test('a list whose items fail leaves no promise behind that nobody waits for', async () => {
  const { errors } = await run(rejecting);
  expect(errors).toMatchObject([{ message: 'refused' }]);
  expect(unhandled).toEqual([]);
});

test('without it one is left behind: when this fails, graphql-js has mended it', async () => {
  await run((schema) => schema);
  expect(unhandled).toMatchObject([{ message: 'refused' }]);
});
