/** A Log over a store: an appender for each channel in use, up to a bound, and reads straight from the store. */

import type { Clock } from '../clock.ts';
import { Deadlines } from '../deadlines.ts';
import { badInput } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { answeredWithin } from './answered.ts';
import type { AppendContext } from './append-context.ts';
import { type AppendLimits, appendLimits } from './append-limits.ts';
import type { AppendsForOthers, Appointed } from './appointed.ts';
import { ChannelAppender } from './channel-appender.ts';
import type { Deciding } from './deciding.ts';
import { queueFull, shuttingDown } from './failures.ts';
import type { Forgetful } from './forget.ts';
import type { Log, Send } from './log.ts';
import { OpenChannels } from './open-channels.ts';
import type { PendingSend } from './pending-send.ts';
import type { ChannelKey, LogRow, LogStore } from './port.ts';
import { heads, lastBefore, range } from './reader.ts';
import { WrittenKeysBound } from './written-keys.ts';

export interface LogOptions<Entry> {
  readonly store: LogStore<Entry>;
  readonly clock: Clock;
  /**
   * Called with rows that are known to be saved by this replica, ascending within a channel, before their senders
   * are answered. What another replica saved is not told here.
   */
  onAppended(channel: ChannelKey, rows: readonly LogRow<Entry>[]): void;
  /**
   * Called once nobody waits any more for an append whose outcome is not known: it may be saved, then nobody was told
   * and a repeat elsewhere finds a copy. Whoever reads the channel should look where it ends.
   */
  onUncertain?(channel: ChannelKey): void;
  /** For a log whose entries depend on what stands before them. */
  readonly deciding?: Deciding<Entry>;
  /** Where replicas meet in a channel, one of them may append for all. Not for a log whose entries are decided. */
  readonly appointed?: Appointed<Entry>;
  readonly logger: Logger;
  /** Only tests change these. */
  readonly limits?: Partial<AppendLimits>;
}

/** What a log is to those who make one. */
export interface CreatedLog<Entry> extends Log<Entry>, Forgetful, AppendsForOthers<Entry> {
  /** Channels whose end is kept in memory. */
  openChannels(): number;
}

/** Several of these over one store, on any replicas, agree: what is decided is decided by the store's conditions. */
export function createLog<Entry>(options: LogOptions<Entry>): CreatedLog<Entry> {
  const { store, clock, logger } = options;
  const limits = { ...appendLimits, ...options.limits };
  const hints = new Set<Promise<void>>();
  let isClosed = false;

  const context: AppendContext<Entry> = {
    store,
    clock,
    limits,
    logger,
    deciding: options.deciding ?? null,
    appointed: options.appointed ?? null,
    writtenKeys: new WrittenKeysBound(limits.writtenKeys),
    deadlines: new Deadlines<PendingSend<Entry>>(limits.sendMs, (pending) => pending.late()),
    waitingBytes: 0,
    onAppended: options.onAppended,
    onUncertain: (channel) => options.onUncertain?.(channel),
    hintTail(channel, bucket) {
      // The hint may lag, so a lost one does no harm: whoever opens the channel next writes it.
      const hint = store
        .hintTail({ channel, bucket })
        .catch((error: unknown) =>
          logger.warn({ err: error, ...channel, bucket }, 'the tail hint was not written'),
        )
        .finally(() => hints.delete(hint));
      hints.add(hint);
    },
  };

  const channels = new OpenChannels<Entry>(
    limits.openChannels,
    (channel) => new ChannelAppender(channel, context),
  );

  const answered = <T>(reading: Promise<T>): Promise<T> => answeredWithin(limits.readMs, reading);

  const append = async (channel: ChannelKey, send: Send<Entry>, staysHere: boolean) => {
    if (isClosed) throw shuttingDown();
    // Refused before it joins a batch, where it would fail its neighbours too.
    if (send.bytes > limits.batchBytes) throw badInput(`An entry has at most ${limits.batchBytes} bytes.`);
    if (context.waitingBytes + send.bytes > limits.waitingBytes) throw queueFull();
    return channels.use(channel).append(send, staysHere);
  };

  return {
    append: (channel, send) => append(channel, send, false),
    appendHere: (channel, send) => append(channel, send, true),
    heads: (of) => answered(heads(store, of)),
    range: (channel, from, to) => answered(range(store, channel, from, to)),
    rows: (refs) => answered(store.rows(refs)),
    lastBefore: (channel, at) => answered(lastBefore(store, channel, at)),
    observe(channel, row) {
      channels.find(channel)?.observe(row);
    },
    forgetHeads: () => channels.forgetHeads(),
    openChannels: () => channels.size,
    async close() {
      isClosed = true;
      await channels.whenIdle();
      await Promise.all(hints);
    },
  };
}
