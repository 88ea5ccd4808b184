/**
 * `serve`: runs the server until Ctrl-C or SIGTERM. At SIGTERM, which supervisors send, it drains first; at Ctrl-C it
 * does not, and a second one waits for nothing.
 */
import { once } from 'node:events';
import type { Command } from 'commander';
import { readConfig } from '../config/config.ts';
import { settingsHelp } from '../config/help.ts';
import { saveMemoryAtRest } from './at-rest.ts';
import { banner } from './banner.ts';
import { createLogger } from './logger.ts';
import { showProgress } from './progress.ts';
import { logRejections } from './second-net.ts';
import { stopOnSignals } from './stop-on-signals.ts';

/** Whatever still runs this long after everything was closed does not keep the process. */
const LINGER_MS = 2_000;

export function registerServe(program: Command): void {
  program
    .command('serve')
    .description('run the server (this is what `npm start` does)')
    .addHelpText('after', `\n${settingsHelp()}`)
    .action(serve);
}

async function serve(): Promise<void> {
  const began = performance.now();
  const config = readConfig();
  const logger = createLogger(config.log.level);
  const progress = showProgress('Starting … (the first time takes a few seconds)', process.stderr);
  const { startApp } = await import('../app.ts');
  let app: Awaited<ReturnType<typeof startApp>>;
  try {
    app = await startApp(config, logger, { onWaiting: (message) => progress.say(message) });
  } finally {
    progress.end();
  }
  const takeNetAway = logRejections(logger);
  const saveNoMore = saveMemoryAtRest();
  const stop = stopOnSignals(() => process.stdout.write('\nStopping …\n'));
  process.stdout.write(banner(config, app.url, (performance.now() - began) / 1000, process.stdout));
  // On a terminal the banner has said it.
  if (!process.stderr.isTTY) logger.info({ url: app.url }, 'ready');
  if (!stop.signal.aborted) await once(stop.signal, 'abort');
  if (stop.isTerminated && config.fleet.drainMs > 0) {
    logger.info({ seconds: config.fleet.drainMs / 1_000 }, 'draining');
    await app.drain();
  }
  await app.close();
  stop.release();
  takeNetAway();
  saveNoMore();
  if (!process.stderr.isTTY) logger.info({}, 'stopped');
  setTimeout(() => process.exit(), LINGER_MS).unref();
}
