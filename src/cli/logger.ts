/**
 * The log of a process: lines for a person on a terminal, JSON for machines anywhere else. Of errors it writes what
 * they are and where they came from, and none of the fields that drivers hang on them: those may hold what people wrote.
 */
import { styleText } from 'node:util';
import pino from 'pino';
import type { Logger } from '../chat/logger.ts';
import type { LogLevel } from '../config/config.ts';
import { loggedError } from './logged-error.ts';

const levels = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
const colours = { debug: 'dim', info: 'cyan', warn: 'yellow', error: 'red' } as const;

/** Lines of `info` and below wait so long for company: each write on its own would cost more than its line. */
const GATHER_MS = 100;
/** Characters that wait at most. */
const GATHERED = 16 * 1024;

/** Logs go to standard error: what a command answers goes to standard output. */
export function createLogger(level: LogLevel, stream: typeof process.stderr = process.stderr): Logger {
  if (!stream.isTTY) return machineLogger(level, stream.fd);
  const write =
    (weight: keyof typeof colours) =>
    (fields: object, message: string): void => {
      if (levels.indexOf(weight) < levels.indexOf(level)) return;
      const time = new Date().toTimeString().slice(0, 8);
      const label = styleText(colours[weight], weight.padEnd(5), { stream });
      stream.write(`${time} ${label} ${message}${details(fields)}\n`);
    };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}

function machineLogger(level: LogLevel, fd: number): Logger {
  let isTorn = false;
  const open = () => {
    const opened = pino.destination({ fd, sync: true });
    // A full disk, a reader that is gone: those lines are lost, and what the server does is not.
    opened.on('error', () => {
      isTorn = true;
      destination = open();
    });
    return opened;
  };
  let destination = open();
  let lines = '';
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (isTorn && lines !== '') {
      isTorn = false;
      const later = lines;
      // Half a line may stand there.
      lines = '\n';
      log.warn({}, 'Lines of the log could not be written: they are missing here.');
      lines += later;
    }
    const gathered = lines;
    lines = '';
    if (gathered !== '') destination.write(gathered);
  };
  const soon = (): void => {
    if (lines.length > GATHERED) flush();
    else if (lines !== '') timer ??= setTimeout(flush, GATHER_MS).unref();
  };
  const write = (line: string): void => {
    lines += line;
  };
  const log = pino(
    { level, base: null, serializers: { err: (error: unknown) => loggedError(error) } },
    { write },
  );
  // However the process ends, but for a signal that cannot be heard.
  process.on('exit', flush);
  return {
    debug: (fields, message) => {
      log.debug(fields, message);
      soon();
    },
    info: (fields, message) => {
      log.info(fields, message);
      soon();
    },
    warn: (fields, message) => {
      log.warn(fields, message);
      flush();
    },
    error: (fields, message) => {
      log.error(fields, message);
      flush();
    },
  };
}

function details(fields: object): string {
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) =>
      value instanceof Error
        ? `\n  ${loggedError(value).stack ?? value.message}`
        : ` ${name}=${JSON.stringify(value)}`,
    )
    .join('');
}
