/**
 * Where traces go, by OpenTelemetry's own variables. Those that only its exporter needs (headers, certificates,
 * compression, the service's name and attributes) it reads by itself.
 */
import { z } from 'zod';
import { setting, urlOf } from './setting.ts';
import type { TraceConfig } from './settings.ts';

const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

const address = (meaning: string) =>
  setting(urlOf(['http:', 'https:']), {
    meaning,
    fallback: 'none: no traces are made',
    expected: 'http://… or https://…',
  });

const protocol = (meaning: string, fallback: string) =>
  setting(z.enum(['http/protobuf', 'http/json']).optional(), {
    meaning,
    fallback,
    expected: 'http/protobuf or http/json',
  });

export const telemetryModel = z.object({
  OTEL_EXPORTER_OTLP_ENDPOINT: address('an OpenTelemetry collector, which is sent traces'),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: address('the same, as the whole address for traces'),
  OTEL_EXPORTER_OTLP_PROTOCOL: protocol('how it is spoken to', 'http/protobuf'),
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: protocol('the same, for traces', 'as above'),
  OTEL_TRACES_EXPORTER: setting(z.enum(['otlp', 'none']).default('otlp'), {
    meaning: '`none`: no traces, whatever else is set',
    fallback: 'otlp',
    expected: 'otlp or none',
  }),
  OTEL_SDK_DISABLED: setting(
    z
      .string()
      .default('false')
      .transform((text) => text.toLowerCase() === 'true'),
    { meaning: '`true`: the same', fallback: 'false', expected: 'true or false' },
  ),
  OTEL_TRACES_SAMPLER: setting(z.enum(SAMPLERS).default('parentbased_always_on'), {
    meaning: `which requests are traced: ${SAMPLERS.join(', ')}`,
    fallback: 'parentbased_always_on',
    expected: `one of ${SAMPLERS.join(', ')}`,
  }),
  OTEL_TRACES_SAMPLER_ARG: setting(
    z
      .string()
      .default('1')
      .transform(Number)
      .refine((share) => share >= 0 && share <= 1),
    { meaning: 'the share of them, for a sampler by ratio', fallback: '1', expected: 'a number from 0 to 1' },
  ),
});

/** Null: nobody asked for traces. */
export function traceConfig(given: Readonly<Record<string, string | undefined>>): TraceConfig | null {
  const read = telemetryModel.parse(given);
  const isAsked = read.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? read.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (isAsked === undefined || read.OTEL_TRACES_EXPORTER === 'none' || read.OTEL_SDK_DISABLED) return null;
  const sampler = read.OTEL_TRACES_SAMPLER;
  return {
    protocol: read.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL ?? read.OTEL_EXPORTER_OTLP_PROTOCOL ?? 'http/protobuf',
    share: sampler.endsWith('always_off')
      ? 0
      : sampler.endsWith('traceidratio')
        ? read.OTEL_TRACES_SAMPLER_ARG
        : 1,
    followsCaller: sampler.startsWith('parentbased_'),
  };
}
