/**
 * The change log: a log whose entries are decided on the state before them and put into effect on their messages.
 * A rev is used only once it is projected: `heads`, from which pages tell their position and replays and the hub where
 * the log ends, gives no rev before that; and an append is answered and told of after it.
 */
import type { Clock } from '../clock.ts';
import { answeredWithin } from '../log/answered.ts';
import { type AppendLimits, appendLimits } from '../log/append-limits.ts';
import { createLog } from '../log/create-log.ts';
import type { ChangeEntry, MessageEntry } from '../log/entries.ts';
import type { Forgetful } from '../log/forget.ts';
import type { Log } from '../log/log.ts';
import type { ChannelKey, LogRow, LogStore } from '../log/port.ts';
import type { Logger } from '../logger.ts';
import { changeDeciding } from './deciding.ts';
import type { ProjectionStore } from './port.ts';
import { Projector } from './projector.ts';

export interface ChangeLogOptions {
  /** The change log's store, the message log's, and where changes are projected: of one cell. */
  readonly changes: LogStore<ChangeEntry>;
  readonly messages: LogStore<MessageEntry>;
  readonly projections: ProjectionStore;
  readonly clock: Clock;
  readonly logger: Logger;
  /** As of createLog: told after the projection. */
  onAppended(channel: ChannelKey, rows: readonly LogRow<ChangeEntry>[]): void;
  onUncertain?(channel: ChannelKey): void;
  /** Only tests change these. */
  readonly limits?: Partial<AppendLimits>;
  readonly knownChannels?: number;
}

/**
 * `observe` of a published row proves its projection: it is published after. Several of these over one cell, on any
 * replicas, agree.
 */
export function createChangeLog(options: ChangeLogOptions): Log<ChangeEntry> & Forgetful {
  const { changes, messages, projections, clock, logger, limits } = options;
  const projector = new Projector(options);
  const log = createLog<ChangeEntry>({
    store: changes,
    clock,
    logger,
    onAppended: (channel, rows) => options.onAppended(channel, rows),
    onUncertain: (channel) => options.onUncertain?.(channel),
    deciding: changeDeciding({ messages, changes, projections }, projector),
    ...(limits === undefined ? {} : { limits }),
  });
  const readMs = limits?.readMs ?? appendLimits.readMs;
  return {
    ...log,
    heads: (channels) => answeredWithin(readMs, projectedHeads(log, projector, channels)),
    observe(channel, row) {
      projector.observe(channel, row.seq);
      log.observe(channel, row);
    },
    forgetHeads() {
      projector.forget();
      log.forgetHeads();
    },
    async close() {
      await log.close();
      await projector.close();
    },
  };
}

async function projectedHeads(
  log: Pick<Log<ChangeEntry>, 'heads'>,
  projector: Projector,
  channels: readonly ChannelKey[],
): Promise<readonly number[]> {
  const revs = await log.heads(channels);
  await projector.reach(channels.map((channel, i) => ({ channel, head: revs[i] ?? 0 })));
  return revs;
}
