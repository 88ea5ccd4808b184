/** The settings as `--help` prints them, from the models themselves. */
import { authModel } from './auth.ts';
import { logModel } from './log.ts';
import { serverModel } from './server.ts';
import { aboutSetting } from './setting.ts';
import { storesModel } from './stores.ts';

/** One line for each setting: its name, what it is for, its default. */
export function settingsHelp(): string {
  const all = { ...serverModel.shape, ...storesModel.shape, ...authModel.shape, ...logModel.shape };
  const width = Math.max(...Object.keys(all).map((name) => name.length));
  const lines = Object.entries(all).map(([name, model]) => {
    const { meaning, fallback } = aboutSetting(model);
    return `  ${name.padEnd(width)}  ${meaning} (${fallback})`;
  });
  return ['Settings (environment variables; in brackets what holds when unset):', ...lines].join('\n');
}
