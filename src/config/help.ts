/** The settings as `--help` prints them, from the models themselves. */
import { authModel } from './auth.ts';
import { aboutCells } from './cells.ts';
import { fleetModel } from './fleet.ts';
import { logModel } from './log.ts';
import { operationsModel } from './operations.ts';
import { ratesModel } from './rates.ts';
import { serverModel } from './server.ts';
import { aboutSetting } from './setting.ts';
import { storesModel } from './stores.ts';
import { telemetryModel } from './telemetry.ts';

/** Each setting with what it is for and, below that, what holds when it is unset. */
export function settingsHelp(): string {
  const all = {
    ...serverModel.shape,
    ...fleetModel.shape,
    ...storesModel.shape,
    ...authModel.shape,
    ...operationsModel.shape,
    ...ratesModel.shape,
    ...logModel.shape,
    ...telemetryModel.shape,
  };
  const shown = Object.entries(all).flatMap(([name, model]) => [
    { name, ...aboutSetting(model) },
    ...(name === 'CASSANDRA_URL' ? [aboutCells] : []),
  ]);
  const width = Math.max(...shown.map(({ name }) => name.length));
  const lines = shown.flatMap(({ name, meaning, fallback }) => [
    `  ${name.padEnd(width)}  ${meaning}`,
    `  ${' '.repeat(width)}  default: ${fallback}`,
  ]);
  return ['Settings (environment variables):', ...lines].join('\n');
}
