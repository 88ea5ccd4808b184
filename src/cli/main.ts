#!/usr/bin/env node
/** The command line. Each command says what went wrong in plain words, without a stack, and ends with 1. */
import { styleText } from 'node:util';
import { Command } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { readConfig, readLogLevel } from '../config/config.ts';
import { settingsHelp } from '../config/help.ts';
import { endOnSignalsAsFirst } from './first-process.ts';
import { registerImport } from './import.ts';
import { createLogger } from './logger.ts';
import { registerOrganizations } from './organizations.ts';
import { registerPeople } from './people.ts';
import { registerRestore } from './restore.ts';
import { registerServe } from './serve.ts';
import { registerStores } from './stores.ts';

const program = new Command('backscroll')
  .description('A chat backend as one GraphQL API. Without any setting it runs on embedded stores in ./data.')
  .version(packageJson.version)
  .configureHelp({
    styleTitle: (text) => styleText('bold', text),
    styleCommandText: (text) => styleText('cyan', text),
  })
  .addHelpText('after', `\n${settingsHelp()}`);

registerServe(program);
registerStores(program);
registerRestore(program);
registerOrganizations(program);
registerPeople(program);
registerImport(program, {
  out: process.stdout,
  openStores: async () => {
    const config = readConfig();
    const { openImportStores } = await import('../app/import-stores.ts');
    return openImportStores(config, { logger: createLogger(config.log.level) });
  },
});

function complain(error: unknown, isStackShown: boolean): void {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${styleText('red', 'error', { stream: process.stderr })} ${message}\n`);
  if (isStackShown && error instanceof Error) process.stderr.write(`${error.stack}\n`);
}

// Whoever reads our output may end before us (`npm start | tee log`, Ctrl-C): that decides nothing about how we end.
// Nor does a full disk stop a server that writes its words there; a command whose answer was lost has failed.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return;
    process.exitCode = 1;
    if (stream === process.stdout) complain(error, false);
  });
}

// A bug of ours: nothing can be trusted any more. Node would print a line of source before it, which may be a
// bundle's only one.
process.once('uncaughtException', (error) => {
  complain(error, true);
  process.exit(1);
});

endOnSignalsAsFirst(process.pid);

try {
  await program.parseAsync();
} catch (error) {
  complain(error, readLogLevel() === 'debug');
  process.exitCode = 1;
}
