/**
 * Notes which channels were written to, and tells the database every few seconds: a hint that orders sidebars by
 * activity. Lost without harm.
 */

import type { Logger } from '../logger.ts';
import type { ChannelStore } from './port.ts';

const EVERY_MS = 5_000;
/** Channels noted between two writes; more are left for their next message. */
const MAX_CHANNELS = 10_000;

export interface ActivityNotes {
  note(organizationId: string, channelId: string, at: number): void;
  /** Writes what is noted now. Never throws. */
  flush(): Promise<void>;
  /** Stops the timer and writes a last time. */
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

  async function flush(): Promise<void> {
    const taken = noted;
    noted = new Map();
    count = 0;
    for (const [organizationId, at] of taken) {
      try {
        await channels.touchActivity(organizationId, at);
      } catch (error) {
        logger.debug({ err: error }, 'activity of channels was not written');
      }
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
    flush,
    async close() {
      clearInterval(timer);
      await writing;
      await flush();
    },
  };
}
