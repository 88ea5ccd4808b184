/** The settings as `--help` prints them, from the models themselves. */
import { authModel } from './auth.ts';
import { logModel } from './log.ts';
import { serverModel } from './server.ts';
import { aboutSetting } from './setting.ts';
import { storesModel } from './stores.ts';

/** Each setting with what it is for and, below that, what holds when it is unset. */
export function settingsHelp(): string {
  const all = { ...serverModel.shape, ...storesModel.shape, ...authModel.shape, ...logModel.shape };
  const width = Math.max(...Object.keys(all).map((name) => name.length));
  const lines = Object.entries(all).flatMap(([name, model]) => {
    const { meaning, fallback } = aboutSetting(model);
    return [`  ${name.padEnd(width)}  ${meaning}`, `  ${' '.repeat(width)}  default: ${fallback}`];
  });
  return ['Settings (environment variables):', ...lines].join('\n');
}
