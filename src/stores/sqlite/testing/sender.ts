/**
 * A process that sends without end, to be killed: `node sender.ts DATA_DIR RUN`. Prints a line `channel key number`
 * for each send that was acknowledged, `refused CODE` for one that was not, and stops at the first such.
 */
import { writeSync } from 'node:fs';
import { systemClock } from '../../../chat/clock.ts';
import { ChatError } from '../../../chat/errors.ts';
import { createLog } from '../../../chat/log/create-log.ts';
import { silentLogger } from '../../../chat/logger.ts';
import { openSqliteLogs } from '../open.ts';
import { channels, sendOf } from './sends.ts';

const [dataDir, run] = process.argv.slice(2);
if (dataDir === undefined || run === undefined) throw new Error('sender.ts DATA_DIR RUN');
const { messages } = await openSqliteLogs({ dataDir, bucketSize: 64 });
const log = createLog({
  store: messages,
  clock: systemClock,
  logger: silentLogger,
  onAppended: () => undefined,
  limits: { sendMs: 2_000 },
});
let next = 0;
const send = async (): Promise<void> => {
  for (;;) {
    const i = next++;
    const channel = channels[i % channels.length];
    if (channel === undefined) throw new Error('at least one channel');
    try {
      const sent = sendOf(run, i);
      const { row } = await log.append(channel, sent);
      writeSync(1, `${i % channels.length} ${sent.sendKey} ${row.seq}\n`);
    } catch (error) {
      writeSync(1, `refused ${error instanceof ChatError ? error.code : String(error)}\n`);
      process.exit(0);
    }
  }
};
await Promise.all(Array.from({ length: 32 }, send));
