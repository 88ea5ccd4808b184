import { expect, test } from 'vitest';
import { conflict, unavailable } from '../chat/errors.ts';
import { CallsOf } from './calls.ts';
import { Meters } from './meters.ts';
import type { Span, Tracing } from './tracing.ts';

test('gives the very promise of the call, times it, and knows an outage from what a store is asked to say', async () => {
  const meters = new Meters();
  const calls = new CallsOf({ meters, tracing: null }, 'redis', 'Redis', ['call']).of('publish');
  const promise = Promise.resolve(1);
  expect(calls.run(() => promise)).toBe(promise);
  await promise;
  await expect(calls.run(() => Promise.reject(conflict('taken')))).rejects.toThrow('taken');
  await expect(calls.run(() => Promise.reject(unavailable('bus')))).rejects.toThrow();
  await expect(calls.run(() => Promise.reject(new Error('broken')))).rejects.toThrow();
  expect(meters.text()).toContain('backscroll_redis_call_failures_total{call="publish"} 2');
  expect(meters.text()).toContain('backscroll_redis_call_duration_seconds_count{call="publish"} 4');
});

test('each call is a span of its own, with the error by name alone', async () => {
  const spans: string[] = [];
  const tracing: Tracing = {
    begin: (name, kind, attributes): Span => ({
      set: () => undefined,
      end: (failure) => void spans.push(`${name} ${kind} ${JSON.stringify(attributes)} ${failure ?? 'OK'}`),
    }),
    within: (_, run) => run(),
    close: async () => undefined,
  };
  const calls = new CallsOf({ meters: new Meters(), tracing }, 'log', 'a log', ['cell', 'call']);
  await calls.of('eu', 'range').run(async () => undefined);
  await calls
    .of('eu', 'rows')
    .run(() => Promise.reject(new TypeError('SECRET')))
    .catch(() => undefined);
  const of = (call: string) => `{"peer.service":"log","backscroll.cell":"eu","backscroll.call":"${call}"}`;
  expect(spans).toEqual([
    `log eu range client ${of('range')} OK`,
    `log eu rows client ${of('rows')} TypeError`,
  ]);
});
