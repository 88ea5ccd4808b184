/** Backscroll's log over a store, as the server uses it: the client names its send and the newest number it knows. */
import { randomUUID } from 'node:crypto';
import { systemClock } from '../../src/chat/clock.ts';
import { createLog } from '../../src/chat/log/create-log.ts';
import { type MessageEntry, messageSendKey } from '../../src/chat/log/entries.ts';
import type { Log } from '../../src/chat/log/log.ts';
import type { ChannelKey, LogStore } from '../../src/chat/log/port.ts';
import { silentLogger } from '../../src/chat/logger.ts';
import { type Contender, ownCpuMicros } from '../measure.ts';
import { MESSAGE_BYTES, message } from './message.ts';

export const openLog = (store: LogStore<MessageEntry>): Log<MessageEntry> =>
  createLog({ store, clock: systemClock, onAppended: () => undefined, logger: silentLogger });

/** @param channels senders share this many channels. */
export function logContender(name: string, log: Log<MessageEntry>, channels: number): Contender {
  const organizationId = randomUUID();
  const places = Array.from({ length: channels }, () => ({
    channel: { organizationId, channelId: randomUUID() } satisfies ChannelKey,
    known: 0,
  }));
  return {
    name,
    cpuMicros: ownCpuMicros,
    async send(sender) {
      const place = places[sender % channels];
      if (place === undefined) throw new Error('there is a channel for every sender');
      const entry = message(sender);
      const { row } = await log.append(place.channel, {
        sendKey: messageSendKey(entry.authorId, entry.clientMessageId),
        entry,
        bytes: MESSAGE_BYTES,
        searchBack: { basis: place.known },
      });
      place.known = Math.max(place.known, row.seq);
    },
  };
}
