import { buildSchema, parse } from 'graphql';
import { expect, test, vi } from 'vitest';
import { Gate } from '../chat/gate.ts';
import { silentLogger } from '../chat/logger.ts';
import type { EventContexts } from './contexts.ts';
import { RenderClass } from './render-class.ts';
import type { Outcome } from './rendering.ts';

const caller = { viewer: null, connectionId: null };

/** @param failures of the making of contexts, one for each try. */
function classOf(failures: (Error | null)[], text: () => unknown, given?: EventContexts) {
  const forAll = vi.fn(() => {
    const failure = failures.shift();
    if (failure) throw failure;
    return { value: {}, wasViewerAsked: false };
  });
  const contexts = given ?? { forAll, forEach: () => expect.unreachable() };
  const present = (error: unknown) => error as never;
  const schema = buildSchema('type Query { x: Int } type Subscription { text: String }');
  const document = parse('subscription { text }');
  const ports = { contexts, present, logger: silentLogger, turns: new Gate(1) };
  return { made: new RenderClass({ schema, document }, null, ports), forAll, event: { cursor: 'c', text } };
}

test('whatever keeps an event from being executed, whoever is told of it comes back, also in a later try', async () => {
  const { made, event } = classOf([new Error('a bug')], () => 'hello');
  const settle = vi.fn<(outcome: Outcome) => void>();
  const waiter = { caller, isWaiting: true, settle };
  expect(made.render(event, waiter)).toBe('RESUME');
  // Nothing of it is left: who comes to it next has it.
  expect(made.render(event, waiter)).toEqual({ json: '{"data":{"text":"hello"}}' });

  const failing = () => {
    throw new Error('a store is away');
  };
  const later = classOf([null, new Error('a bug')], failing);
  expect(later.made.render(later.event, waiter)).toBeNull();
  await expect.poll(() => settle.mock.calls).toEqual([['RESUME']]);
  expect(later.forAll).toHaveBeenCalledTimes(2);
});

test('the same where it is executed for each', async () => {
  const contexts = {
    forAll: () => ({ value: {}, wasViewerAsked: true }),
    forEach: () => {
      throw new Error('a bug');
    },
  };
  const { made, event } = classOf([], () => 'hello', contexts);
  const settle = vi.fn<(outcome: Outcome) => void>();
  for (let n = 0; n < 2; n += 1) expect(made.render(event, { caller, isWaiting: true, settle })).toBeNull();
  await expect.poll(() => settle.mock.calls).toEqual([['RESUME'], ['RESUME']]);
});
