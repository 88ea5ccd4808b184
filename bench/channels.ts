/** `npm run bench -- channels`: what memory a log takes that has seen very many channels. */
import { randomUUID } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Command } from 'commander';
import type { MessageEntry } from '../src/chat/log/entries.ts';
import type { LogStore } from '../src/chat/log/port.ts';
import { positive } from './arguments.ts';
import { startProgress } from './progress.ts';
import { openLog } from './send/log.ts';
import { MESSAGE_BYTES, message } from './send/message.ts';
import { figure, table } from './table.ts';
import { untilStopped } from './until-stopped.ts';

/** Sends under way at a time. */
const AT_ONCE = 1_000;

export function channelsBench(): Command {
  return new Command('channels')
    .description(
      'Heap of a log after one send into each of very many channels. The store takes everything and keeps nothing,\n' +
        'so that what is left is what the log itself remembers of channels.',
    )
    .option('--channels <n>', 'channels seen', positive, 1_000_000)
    .action(({ channels }: { channels: number }) => untilStopped((signal) => run(channels, signal)));
}

async function run(most: number, signal: AbortSignal): Promise<void> {
  const log = openLog(forgetful);
  const organizationId = randomUUID();
  const rows: string[][] = [];
  const look = (seen: number): void => {
    rows.push([figure(seen), figure(log.openChannels()), figure(heapBytes() / 1024 / 1024)]);
  };
  const progress = startProgress(Math.ceil(most / AT_ONCE));
  try {
    look(0);
    for (let seen = 0; seen < most; ) {
      signal.throwIfAborted();
      const batch = Math.min(AT_ONCE, most - seen);
      await Promise.all(
        Array.from({ length: batch }, (_, i) => {
          const entry = message(i);
          const channel = { organizationId, channelId: randomUUID() };
          const sendKey = `${entry.authorId}/${entry.clientMessageId}`;
          return log.append(channel, { sendKey, entry, bytes: MESSAGE_BYTES, searchBack: { basis: 0 } });
        }),
      );
      seen += batch;
      progress.step(`${figure(seen)} channels`);
      if (seen === most || Number.isInteger(Math.log10(seen))) look(seen);
    }
  } finally {
    progress.end();
  }
  await log.close();
  console.log(table(['channels seen', 'open', 'heap MiB'], rows));
}

/** What is in use, after a collection. */
function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') collect();
  return process.memoryUsage().heapUsed;
}

const forgetful: LogStore<MessageEntry> = {
  bucketSize: 4_096,
  append: async () => ({ applied: true }),
  seal: async () => ({ applied: true }),
  consult: async () => ({ state: null, sends: new Map() }),
  states: async (refs) => refs.map(() => null),
  tailHints: async (channels) => channels.map(() => null),
  hintTail: async () => undefined,
  range: async () => [],
  rows: async (refs) => refs.map(() => null),
};
