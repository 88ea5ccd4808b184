/** Traces, where the settings ask for them: nothing of it is loaded otherwise. */
import type { Logger } from '../chat/logger.ts';
import type { Config } from '../config/config.ts';
import type { Tracing } from '../telemetry/tracing.ts';

/** Null: nobody asked for any. Whoever opens it closes it, after all that is traced. */
export async function tracingOf(config: Config, replicaId: string, logger: Logger): Promise<Tracing | null> {
  if (config.traces === null) return null;
  const { openTracing } = await import('../telemetry/open-telemetry.ts');
  return openTracing(config.traces, { replicaId, logger });
}
