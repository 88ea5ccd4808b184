import { expect, test } from 'vitest';
import { readConfig } from './config.ts';

const traces = (env: Record<string, string>) => readConfig(env).traces;
const collector = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' };

test('traces are made where a collector is named, and only there', () => {
  expect(traces({})).toBeNull();
  expect(traces({ OTEL_SERVICE_NAME: 'chat', OTEL_TRACES_SAMPLER: 'always_on' })).toBeNull();
  expect(traces(collector)).toEqual({ protocol: 'http/protobuf', share: 1, followsCaller: true });
  expect(traces({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://c/v1/traces' })).not.toBeNull();
  expect(traces({ ...collector, OTEL_TRACES_EXPORTER: 'none' })).toBeNull();
  expect(traces({ ...collector, OTEL_SDK_DISABLED: 'TRUE' })).toBeNull();
});

test('the protocol for traces goes before the one for all', () => {
  const both = {
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json',
  };
  expect(traces({ ...collector, ...both })?.protocol).toBe('http/json');
});

test.each([
  ['always_off', { share: 0, followsCaller: false }],
  ['always_on', { share: 1, followsCaller: false }],
  ['traceidratio', { share: 0.25, followsCaller: false }],
  ['parentbased_traceidratio', { share: 0.25, followsCaller: true }],
  ['parentbased_always_off', { share: 0, followsCaller: true }],
])('the sampler %s', (sampler, expected) => {
  const env = { ...collector, OTEL_TRACES_SAMPLER: sampler, OTEL_TRACES_SAMPLER_ARG: '0.25' };
  expect(traces(env)).toMatchObject(expected);
});

test('what cannot be is named', () => {
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    OTEL_TRACES_SAMPLER: 'jaeger_remote',
    OTEL_TRACES_SAMPLER_ARG: '2',
  };
  for (const name of Object.keys(env)) expect(() => readConfig(env)).toThrow(name);
});
