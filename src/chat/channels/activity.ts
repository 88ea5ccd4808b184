/**
 * Notes which channels were written to, and tells the database every few seconds: a hint that orders sidebars by
 * activity. Lost without harm.
 */
import { settlesWithin } from '../closing.ts';
import type { Logger } from '../logger.ts';
import type { ChannelStore } from './port.ts';

const EVERY_MS = 5_000;
/** Channels noted between two writes; more are left for their next message. */
const MAX_CHANNELS = 10_000;
/** How long closing waits for the last write. */
const CLOSE_MS = 5_000;
/** Whoever asks for this order waits so long for it to be written. */
const PATIENCE_MS = 500;

export interface ActivityNotes {
  note(organizationId: string, channelId: string, at: number): void;
  /**
   * Before somebody asks for the organization's channels in this order: what was noted of them here is written, unless
   * the database is slow. Never throws.
   */
  settled(organizationId: string): Promise<void>;
  /** Writes what is noted now. Never throws. */
  flush(): Promise<void>;
  /** Stops the timer and writes a last time: not beyond the first failure, and for 5 s at most. Never throws. */
  close(): Promise<void>;
}

/** Starts the timer; whoever made it must close it. */
export function startActivityNotes(
  channels: Pick<ChannelStore, 'touchActivity'>,
  logger: Logger,
  everyMs = EVERY_MS,
): ActivityNotes {
  let noted = new Map<string, Map<string, Date>>();
  let count = 0;
  /** Channels that a flush has taken and not yet tried. */
  let taking = 0;
  let isClosing = false;
  let hasGivenUp = false;

  /** A database that is away fails each organization in turn, each after a deadline: closing cannot wait for that. */
  function giveUp(): void {
    if (hasGivenUp) return;
    hasGivenUp = true;
    logger.warn({ dropped: taking + count }, 'activity of channels was not written before closing');
  }

  async function flush(): Promise<void> {
    const taken = noted;
    noted = new Map();
    taking += count;
    count = 0;
    for (const [organizationId, at] of taken) {
      if (hasGivenUp) return;
      try {
        await channels.touchActivity(organizationId, at);
      } catch (error) {
        logger.debug({ err: error }, 'activity of channels was not written');
        if (isClosing) giveUp();
      }
      taking -= at.size;
    }
  }
  // One write under way at a time: a slow database is not asked again before it has answered.
  let writing: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    if (count > 0) writing = writing.then(flush);
  }, everyMs);
  timer.unref();

  return {
    note(organizationId, channelId, at) {
      const channelsOf = noted.get(organizationId) ?? new Map<string, Date>();
      noted.set(organizationId, channelsOf);
      if (!channelsOf.has(channelId)) {
        if (count >= MAX_CHANNELS) return;
        count += 1;
      }
      channelsOf.set(channelId, new Date(at));
    },
    async settled(organizationId) {
      if (taking === 0 && !noted.has(organizationId)) return;
      writing = writing.then(flush);
      await settlesWithin(PATIENCE_MS, writing);
    },
    flush,
    async close() {
      clearInterval(timer);
      isClosing = true;
      if (!(await settlesWithin(CLOSE_MS, writing.then(flush)))) giveUp();
    },
  };
}
