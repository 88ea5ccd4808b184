/**
 * The change log: a log whose entries are decided on the state before them and put into effect on their messages.
 * A rev is used only once it is projected: `heads`, from which pages tell their position and replays and the hub where
 * the log ends, gives no rev before that; and an append is answered and told of after it.
 */
import type { Clock } from '../clock.ts';
import type { AppendLimits } from '../log/append-limits.ts';
import { appendLimits } from '../log/append-limits.ts';
import { createLog } from '../log/create-log.ts';
import { type Deciding, Unchanged } from '../log/deciding.ts';
import type { ChangeEntry, MessageEntry } from '../log/entries.ts';
import { failureOf, noAnswer } from '../log/failures.ts';
import type { Forgetful } from '../log/forget.ts';
import type { Log, Send } from '../log/log.ts';
import { bucketOf, type ChannelKey, type LogRow, type LogStore } from '../log/port.ts';
import { heads } from '../log/reader.ts';
import type { Logger } from '../logger.ts';
import { decide } from './decide.ts';
import { loadStates } from './load-states.ts';
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
  const deciding: Deciding<ChangeEntry> = {
    settle: (channel, head) => projector.settle(channel, head),
    apply: (channel, rows) => projector.apply(channel, rows),
    async decide(channel, head, sends) {
      const entries = sends.map(({ entry }) => entry);
      const isOfMessages = entries.some(({ seq }) => seq !== undefined);
      const [states, [messageHead = 0]] = await Promise.all([
        loadStates({ messages, changes, projections }, channel, entries),
        isOfMessages ? heads(messages, [channel]) : [],
      ]);
      let rev = head;
      const decisions = entries.map((entry) => {
        const decision = decide(entry, states, rev + 1, messageHead);
        if ('entry' in decision) rev++;
        return decision;
      });
      return Promise.all(
        decisions.map(async (decision, i) => {
          const send = sends[i];
          const isRefused = 'error' in decision && !(decision.error instanceof Unchanged);
          if (!isRefused || send === undefined || !(await isSaved(changes, channel, head, send))) {
            return decision;
          }
          return { error: new Unchanged('an earlier try has saved it') };
        }),
      );
    },
  };
  const log = createLog<ChangeEntry>({
    store: changes,
    clock,
    logger,
    onAppended: (channel, rows) => options.onAppended(channel, rows),
    onUncertain: (channel) => options.onUncertain?.(channel),
    deciding,
    ...(limits === undefined ? {} : { limits }),
  });
  const readMs = limits?.readMs ?? appendLimits.readMs;
  return {
    ...log,
    heads: (channels) => within(readMs, projectedHeads(log, projector, channels)),
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

/**
 * A repeat of what was saved and has been overtaken since (the message is deleted now) is no error. Copies in older
 * buckets were searched for before it came this far.
 */
async function isSaved(
  changes: LogStore<ChangeEntry>,
  channel: ChannelKey,
  head: number,
  { sendKey }: Send<ChangeEntry>,
): Promise<boolean> {
  if (head === 0) return false;
  const bucket = bucketOf(head, changes.bucketSize);
  return (await changes.consult({ channel, bucket }, [sendKey])).sends.has(sendKey);
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

async function within<T>(ms: number, reading: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const deadline = setTimeout(() => late.reject(noAnswer()), ms);
  try {
    return await Promise.race([reading, late.promise]);
  } catch (error) {
    throw failureOf(error);
  } finally {
    clearTimeout(deadline);
  }
}
