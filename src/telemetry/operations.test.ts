/** What is said of operations: at which weight, under which code, and what is never said. */
import { GraphQLError } from 'graphql';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Logger } from '../chat/logger.ts';
import type { Caller } from '../operation/contexts.ts';
import type { Asked } from '../operation/watch.ts';
import { Meters } from './meters.ts';
import { SLOW_MS, watchOperations } from './operations.ts';

interface Line {
  readonly weight: string;
  readonly fields: object;
}

let lines: Line[];
let meters: Meters;
let now: number;
beforeEach(() => {
  lines = [];
  meters = new Meters();
  now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
});
afterEach(() => void vi.restoreAllMocks());

const note =
  (weight: string) =>
  (fields: object): void =>
    void lines.push({ weight, fields });
const logger: Logger = { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') };
const watched = () => watchOperations({ meters, logger, tracing: null });

const caller = (): Caller => ({
  viewer: {
    tenant: { organizationId: 'o', slug: 'acme', cell: 'default', epoch: 1 },
    userId: 'u',
    handle: 'ada',
    isAdmin: false,
    expiresAt: 0,
  },
  connectionId: null,
  request: { id: 'r1', transport: 'http', isTold: false },
});
const asked = (more: Partial<Asked> = {}): Asked => ({ type: 'query', name: 'Q', caller: caller(), ...more });
const failing = (code: string) => ({
  errors: [new GraphQLError('SECRET', { extensions: { code } })],
  data: { text: 'SECRET' },
});
const counts = () => meters.text().match(/^backscroll_operations_total\{.* [1-9]\d*$/gm);

test('one line with where it came from, how long it took and how it ended', async () => {
  const result = { data: { text: 'SECRET' } };
  const given = await watched().run(asked(), async () => {
    now += 12.34;
    return result;
  });
  expect(given).toBe(result);
  expect(lines).toEqual([
    {
      weight: 'info',
      fields: {
        requestId: 'r1',
        operation: 'Q',
        type: 'query',
        organization: 'acme',
        transport: 'http',
        ms: 12.3,
        code: 'OK',
      },
    },
  ]);
  expect(counts()).toEqual(['backscroll_operations_total{type="query",transport="http",code="OK"} 1']);
});

test.each([
  ['NOT_FOUND', 'info'],
  ['UNAVAILABLE', 'warn'],
  ['INTERNAL_SERVER_ERROR', 'warn'],
])('%s is worth %s', async (code, weight) => {
  await watched().run(asked(), async () => failing(code));
  expect(lines).toMatchObject([{ weight, fields: { code } }]);
  expect(JSON.stringify(lines)).not.toContain('SECRET');
});

test('what deserves an alert is counted from nothing on: growth from no number at all shows as none', () => {
  watched();
  for (const code of ['UNAVAILABLE', 'INTERNAL_SERVER_ERROR']) {
    for (const type of ['query', 'mutation', 'subscription', 'unknown'])
      for (const transport of ['http', 'websocket'])
        expect(meters.text()).toContain(
          `backscroll_operations_total{type="${type}",transport="${transport}",code="${code}"} 0\n`,
        );
  }
});

test('a slow one is worth a look, a code of nobody is an error of ours, and a long name is cut', async () => {
  await watched().run(asked({ name: 'N'.repeat(500) }), async () => {
    now += SLOW_MS;
    return failing('SECRET');
  });
  expect(lines).toMatchObject([
    { weight: 'warn', fields: { operation: 'N'.repeat(80), code: 'INTERNAL_SERVER_ERROR' } },
  ]);
});

test('what throws is told too, and thrown on', async () => {
  const bug = new Error('SECRET');
  await expect(watched().run(asked(), () => Promise.reject(bug))).rejects.toBe(bug);
  expect(lines).toMatchObject([{ weight: 'warn', fields: { code: 'INTERNAL_SERVER_ERROR' } }]);
});

test('what was refused is told once, whatever way it was then tried again', async () => {
  const watch = watched();
  const same = caller();
  watch.refused(same, failing('BAD_USER_INPUT').errors);
  await watch.run(asked({ caller: same }), async () => failing('BAD_USER_INPUT'));
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatchObject({ weight: 'info', fields: { type: 'unknown', code: 'BAD_USER_INPUT' } });
});
