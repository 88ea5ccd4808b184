/**
 * Finds what a replica left behind that ended between saving and telling: changes whose counts are open, and channels
 * whose log goes on where people were not told of it. Those that were written to lately are looked at in each round, all
 * others in turn. And forgets what is old. Every replica does so, at its own uneven pace; doing it twice does no harm.
 */
import type { ChannelKey } from '../log/port.ts';
import type { Logger } from '../logger.ts';
import type { Ports } from '../ports.ts';
import { startRounds } from '../rounds.ts';
import type { FanOut } from './fan-out.ts';
import type { NotificationStore, Reached } from './port.ts';
import type { Recounts } from './recounts.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** Notifications are kept for so long. */
export const KEPT_MS = 90 * DAY_MS;
const EVERY_MS = 15_000;
/** Younger ones are still with the request that made them. */
const AGE_MS = 10_000;
/** Written to within this, a channel is looked at in each round. */
const LATELY_MS = 3 * 60_000;
const RECENT = 200;
const IN_TURN = 100;
const RECOUNTS = 100;
/** Rows forgotten in one round. */
const PRUNED = 5_000;

export interface SweeperPorts {
  readonly notifications: Pick<NotificationStore, 'openRecounts' | 'quiet' | 'walk' | 'prune'>;
  readonly messages: Pick<Ports['messages'], 'heads'>;
  readonly fanOut: Pick<FanOut, 'isBehind'>;
  readonly recounts: Pick<Recounts, 'recount'>;
  readonly awayCells?: Ports['awayCells'];
  readonly logger: Logger;
}

export interface NotificationSweeper {
  /** One round. Never throws. */
  sweep(): Promise<void>;
  close(): Promise<void>;
}

/** Starts sweeping; whoever made it must close it. */
export function startNotificationSweeper(
  ports: SweeperPorts,
  options: { readonly everyMs?: number; readonly ageMs?: number } = {},
): NotificationSweeper {
  const { everyMs = EVERY_MS, ageMs = AGE_MS } = options;
  const { notifications, messages, fanOut, recounts, logger } = ports;
  const away = () => ports.awayCells?.();
  let place: ChannelKey | null = null;

  async function countAgain(): Promise<void> {
    for (const open of await notifications.openRecounts(ageMs, RECOUNTS, away())) {
      if (rounds.isClosed) return;
      await recounts.recount(open);
    }
  }

  async function lookAt(channels: readonly Reached[]): Promise<void> {
    if (channels.length === 0) return;
    const heads = await messages.heads(
      channels.map(({ organizationId, channelId }) => ({ organizationId, channelId })),
    );
    channels.forEach((channel, i) => {
      const head = heads[i] ?? 0;
      if (head > (channel.seq ?? 0)) fanOut.isBehind(channel, head);
    });
  }

  async function lookAtSome(): Promise<void> {
    const some = await notifications.walk(place, IN_TURN, away());
    await lookAt(some);
    place = some.length < IN_TURN ? null : (some.at(-1) ?? null);
  }

  async function sweepOnce(): Promise<void> {
    const steps = [
      countAgain,
      async () => lookAt(await notifications.quiet({ fromMs: LATELY_MS, toMs: ageMs }, RECENT, away())),
      lookAtSome,
      () => notifications.prune(KEPT_MS, PRUNED),
    ];
    for (const step of steps) {
      if (rounds.isClosed) return;
      try {
        await step();
      } catch (error) {
        logger.warn({ err: error }, 'looking for people who were not told will go on later');
      }
    }
  }

  const rounds = startRounds(sweepOnce, everyMs);
  return { sweep: rounds.run, close: rounds.close };
}
