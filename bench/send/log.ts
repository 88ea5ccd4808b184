/** Backscroll's log over a store, as the server uses it: the client names its send and the newest number it knows. */
import { randomUUID } from 'node:crypto';
import { systemClock } from '../../src/chat/clock.ts';
import { type CreatedLog, createLog } from '../../src/chat/log/create-log.ts';
import { type MessageEntry, messageSendKey } from '../../src/chat/log/entries.ts';
import type { Log } from '../../src/chat/log/log.ts';
import type { ChannelKey, LogStore } from '../../src/chat/log/port.ts';
import { silentLogger } from '../../src/chat/logger.ts';
import { type Contender, ownCpuMicros } from '../measure.ts';
import { MESSAGE_BYTES, message } from './message.ts';

export const openLog = (store: LogStore<MessageEntry>): CreatedLog<MessageEntry> =>
  createLog({ store, clock: systemClock, onAppended: () => undefined, logger: silentLogger });

/** New channels of one new organization. */
export function freshChannels(count: number): readonly ChannelKey[] {
  const organizationId = randomUUID();
  return Array.from({ length: count }, () => ({ organizationId, channelId: randomUUID() }));
}

/** @param channels shared by the senders: one takes the first, the next one the second, and so round. */
export function logContender(
  name: string,
  log: Log<MessageEntry>,
  channels: readonly ChannelKey[],
): Contender {
  const places = channels.map((channel) => ({ channel, known: 0 }));
  return {
    name,
    cpuMicros: ownCpuMicros,
    async send(sender) {
      const place = places[sender % places.length];
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
