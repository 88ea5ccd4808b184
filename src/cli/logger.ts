/** The log of a process: lines for a person on a terminal, JSON for machines anywhere else. */
import { styleText } from 'node:util';
import pino from 'pino';
import type { Logger } from '../chat/logger.ts';
import type { LogLevel } from '../config/config.ts';

const levels = ['debug', 'info', 'warn', 'error', 'silent'] as const;
const colours = { debug: 'dim', info: 'cyan', warn: 'yellow', error: 'red' } as const;

/** Logs go to standard error: what a command answers goes to standard output. */
export function createLogger(level: LogLevel, stream: typeof process.stderr = process.stderr): Logger {
  if (!stream.isTTY) return pino({ level, base: null }, pino.destination({ fd: stream.fd, sync: true }));
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

function details(fields: object): string {
  return Object.entries(fields)
    .map(([name, value]) =>
      value instanceof Error ? `\n  ${value.stack ?? value.message}` : ` ${name}=${JSON.stringify(value)}`,
    )
    .join('');
}
