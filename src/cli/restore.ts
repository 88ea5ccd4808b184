/** `restore`: after the message store was brought back from a backup. */
import type { Command } from 'commander';
import { readConfig } from '../config/config.ts';
import { isSure } from './ask.ts';
import { createLogger } from './logger.ts';
import { showProgress } from './progress.ts';

interface Options {
  readonly cell: string;
  readonly yes?: boolean;
  readonly paxosCleared?: boolean;
}

export function registerRestore(program: Command): void {
  program
    .command('restore')
    .description(
      'say that a cell’s messages were restored from a backup; clients then start anew from what is there',
    )
    .option('--cell <name>', 'which cell', 'default')
    .option('--yes', 'do not ask')
    .option('--paxos-cleared', 'Cassandra’s Paxos state was emptied by hand already')
    .addHelpText('after', `\n${HELP}`)
    .action(restore);
}

const HELP = `It does not bring anything back by itself: first restore the tables (of Cassandra, all of the keyspace from one
snapshot, then restart every node) or the file messages.sqlite. No server may send meanwhile: stop them, or at least
keep people away. Then run this once:
  1. it empties Cassandra's Paxos state (system.paxos, of every keyspace of the cluster: nobody may send in other
     cells that are on it either) and the tail hints;
  2. it moves read marks that lie beyond a restored channel's end back to that end, and mends threads;
  3. it raises the cell's epoch: running servers notice within seconds, every cursor from before is answered with
     PositionReset.
Safe to repeat. docs/operating.md tells more.`;

async function restore({ cell: given, yes = false, paxosCleared = false }: Options): Promise<void> {
  // Variables are written in capitals; a cell's name is not.
  const cell = given.toLowerCase();
  const config = readConfig();
  const { restoreCell } = await import('../app/restore.ts');
  const logger = createLogger(config.log.level);
  let progress = showProgress('Opening the stores …', process.stderr);
  try {
    const done = await restoreCell(
      config,
      { logger, onWaiting: (message) => progress.say(message) },
      {
        cell,
        isPaxosCleared: paxosCleared,
        confirm: async (neighbours) => {
          if (yes) return true;
          progress.end();
          const isConfirmed = await isSure(
            `Were the messages of cell ${cell} restored from a backup, and is nobody sending${among([cell, ...neighbours])}? Every client of ${cell} will start anew.`,
            'go on without being asked',
          );
          progress = showProgress('Restoring …', process.stderr);
          return isConfirmed;
        },
        onProgress: (what) => progress.say(what),
      },
    );
    progress.end();
    if (done === null) {
      process.stdout.write('Nothing was changed.\n');
      return;
    }
    process.stdout.write(
      [
        `Cell ${cell} is at epoch ${done.epoch}. Looked at ${done.channels} channels and threads:`,
        `  ${done.checkpoints} read marks moved back to the restored ends,`,
        `  ${done.threads} threads told to their messages again,`,
        `  ${done.threadsForgotten} threads forgotten, whose messages the backup does not have.`,
        '',
      ].join('\n'),
    );
  } finally {
    progress.end();
  }
}

/** Cells on one cluster, of which nobody may send in any. */
const among = (cells: readonly string[]): string =>
  cells.length === 1 ? '' : ` in any of ${cells.join(', ')}, which are on its cluster`;
