/** Errors of variables, which are found when an operation runs: where the schema is closed they name nothing of it either. */
import { buildSchema, type ExecutionResult, GraphQLError, parse } from 'graphql';
import { expect, test } from 'vitest';
import { silentLogger } from '../chat/logger.ts';
import { viewerOf } from '../chat/testing/replica.ts';
import type { Viewer } from '../chat/viewer.ts';
import { createOperations } from './operations.ts';

const schema = buildSchema(`
  enum Colour { RED GREEN }
  type Query { paint(colour: Colour): String }
  type Subscription { painted(colour: Colour): String }
`);
const operationsWhere = (isSchemaOpen: boolean) =>
  createOperations({
    schema,
    present: (error) => (error instanceof GraphQLError ? error : new GraphQLError('a bug')),
    contextFor: () => ({}),
    eventContexts: {
      forAll: () => ({ value: {}, wasViewerAsked: false }),
      forEach: () => {
        throw new Error('nothing begins');
      },
    },
    isSchemaOpen,
    logger: silentLogger,
  });
const nothing = () => undefined;
const outlet = {
  hasRoom: true,
  onRoom: nothing,
  write: nothing,
  purge: nothing,
  end: nothing,
  resume: nothing,
};

/** What a misspelt colour is answered, by each way in which operations run. */
async function told(isSchemaOpen: boolean, viewer: Viewer | null): Promise<readonly (string | undefined)[]> {
  const operations = operationsWhere(isSchemaOpen);
  const argsOf = (text: string) => ({ schema, document: parse(text), variableValues: { c: 'REDD' } });
  const caller = { viewer, connectionId: null };
  const painted = argsOf('subscription ($c: Colour) { painted(colour: $c) }');
  const answers = [
    await operations.execute(argsOf('query ($c: Colour) { paint(colour: $c) }'), caller),
    await operations.follow(painted, caller, outlet),
    await operations.subscribe(painted, caller, nothing),
  ] as readonly ExecutionResult[];
  return answers.map(({ errors }) => errors?.[0]?.message);
}

test.each([
  ['nobody, where the schema is closed', false, null, false],
  ['somebody there', false, viewerOf('o', 'ada'), true],
  ['anybody where it is open', true, null, true],
])('%s', async (_, isSchemaOpen, viewer, isNamed) => {
  const messages = await told(isSchemaOpen, viewer);
  expect(messages).toHaveLength(3);
  for (const message of messages) {
    expect(message).toContain('Value "REDD" does not exist in "Colour" enum.');
    expect(message?.includes('Did you mean')).toBe(isNamed);
  }
});
