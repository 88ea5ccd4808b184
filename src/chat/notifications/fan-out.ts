/**
 * Tells people of the messages of channels, after each was saved and its sender answered: no send waits for it or fails
 * by it. Channels take turns at the database together, one call under way at a time. Those whose messages concern
 * somebody go at once; of the others only how far they were looked through is written, a few seconds later.
 *
 * A channel is told of in the order of its numbers and each message once, by "notified up to" in the database. What
 * other replicas sent, or a replica that ended between append and this, is missing here: then it is read from the log.
 */
import type { ChannelType } from '../channels/port.ts';
import { settlesWithin } from '../closing.ts';
import type { MessageEntry } from '../log/entries.ts';
import type { ChannelKey, LogRow } from '../log/port.ts';
import type { Logger } from '../logger.ts';
import type { Ports } from '../ports.ts';
import type { Alerts } from './alerts.ts';
import { noticeOf } from './notice.ts';
import type { Notice, NotificationStore, TellingOutcome } from './port.ts';
import { Unfinished } from './unfinished.ts';

/** Channels in one call. */
const BATCH = 64;
/** Rows read from a log at once. */
const CHUNK = 1_000;
/** How far a plain channel was looked through is written this long after its first message since. */
const LAZY_MS = 5_000;
/** First and longest wait after a failure. */
const RETRY_MS = 1_000;
const RETRY_MAX_MS = 30_000;
const CLOSE_MS = 5_000;

export interface FanOut {
  /** A message was sent from here, or found to have been sent: its channel is told of up to it. */
  sent(channel: ChannelKey & { readonly type: ChannelType }, row: LogRow<MessageEntry>): void;
  /** The channel has messages up to this number; perhaps nobody was told of them. */
  isBehind(channel: ChannelKey, head: number): void;
  /** Resolves once the channel is told of up to this number. Rejects when that does not come about. */
  reach(channel: ChannelKey, seq: number): Promise<void>;
  /** Resolves once what is on its way to people from here has arrived, in these channels (null: in all), or late. */
  settled(organizationId: string, channelIds: readonly string[] | null): Promise<void>;
  /** Takes no more, and returns once everything is told, or given up: at the first failure, or after 5 s. */
  close(): Promise<void>;
}

export interface FanOutOptions {
  readonly notifications: Pick<NotificationStore, 'tell'>;
  readonly messages: Pick<Ports['messages'], 'range'>;
  readonly alerts: Alerts;
  readonly logger: Logger;
  readonly lazyMs?: number;
  readonly retryMs?: number;
}

export function createFanOut(options: FanOutOptions): FanOut {
  const { notifications, messages, alerts, logger, lazyMs = LAZY_MS, retryMs = RETRY_MS } = options;
  const unfinished = new Unfinished();
  let running: Promise<void> | null = null;
  let timer: NodeJS.Timeout | undefined;
  let timerAt = Number.POSITIVE_INFINITY;
  let isClosing = false;

  function start(): void {
    if (running !== null) return;
    clearTimeout(timer);
    timerAt = Number.POSITIVE_INFINITY;
    running = run().finally(() => {
      running = null;
      const due = unfinished.nextDue();
      if (due !== null) startAt(due);
    });
  }

  /** By performance.now(). What is under way looks for what is due by itself. */
  function startAt(due: number): void {
    if (running !== null || isClosing || due >= timerAt) return;
    clearTimeout(timer);
    timerAt = due;
    timer = setTimeout(start, Math.max(1, due - performance.now()));
    timer.unref();
  }

  async function run(): Promise<void> {
    // What is sent in this turn of the event loop goes together.
    await new Promise((resolve) => setImmediate(resolve));
    for (;;) {
      const batch = unfinished.take(BATCH, performance.now());
      if (batch.length === 0) return;
      try {
        const outcomes = await notifications.tell(batch.map(({ telling }) => telling));
        await Promise.all(
          batch.map(({ telling }, i) =>
            next(telling, outcomes[i] ?? { position: null, told: [], groups: [] }),
          ),
        );
      } catch (error) {
        logger.warn({ err: error, channels: batch.length }, 'people could not be told of messages yet');
        for (const { telling } of batch) failed(telling, error);
      }
    }
  }

  function failed(channel: ChannelKey, error: unknown): void {
    if (isClosing) unfinished.drop(channel, error);
    else unfinished.later(channel, retryMs, RETRY_MAX_MS);
  }

  async function next(
    telling: ChannelKey & { readonly upTo: number },
    { position, told, groups }: TellingOutcome,
  ): Promise<void> {
    alerts.told(told);
    alerts.groups(telling, groups);
    if (position === null) {
      unfinished.drop(telling, new Error('there is no such channel'));
      return;
    }
    unfinished.reached(telling, position);
    if (position >= telling.upTo) return;
    try {
      const to = Math.min(telling.upTo, position + CHUNK);
      const { organizationId, channelId } = telling;
      const rows = await messages.range({ organizationId, channelId }, position + 1, to);
      if (rows.length === 0) throw new Error('numbers below the head have no rows');
      unfinished.learn(telling, rows.map(noticeOf));
    } catch (error) {
      logger.warn(
        { err: error, ...telling, notices: undefined },
        'messages to tell people of cannot be read yet',
      );
      failed(telling, error);
    }
  }

  return {
    sent({ type, ...channel }, row) {
      if (isClosing) return;
      const notice = noticeOf(row);
      const isPlain = type === 'CHANNEL' && notice.mentioned.length === 0 && notice.group === null;
      // Those in direct conversations and threads are told anyway, and those who are named to all as well.
      if (type === 'CHANNEL' && notice.group === null) alerts.plain(channel, notice);
      const dueAt = performance.now() + (isPlain ? lazyMs : 0);
      const isNoted = unfinished.note(channel, notice, dueAt, !isPlain);
      if (!isNoted)
        logger.warn({ ...channel }, 'too many channels wait to be told of: one is left for later');
      if (isPlain) startAt(dueAt);
      else start();
    },

    isBehind(channel, head) {
      if (isClosing) return;
      unfinished.expect(channel, head);
      start();
    },

    reach(channel, seq) {
      if (isClosing) return Promise.reject(new Error('the server ends'));
      const reached = unfinished.expect(channel, seq);
      start();
      return reached;
    },

    settled: (organizationId, channelIds) => unfinished.settled(organizationId, channelIds),

    async close() {
      clearTimeout(timer);
      isClosing = true;
      unfinished.hurry();
      start();
      const isDone = await settlesWithin(CLOSE_MS, running ?? Promise.resolve());
      if (!isDone || unfinished.size > 0) {
        logger.warn({ channels: unfinished.size }, 'not everybody was told of messages before closing');
      }
    },
  };
}

export type { Notice };
