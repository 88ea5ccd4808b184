/** The messages of a deep channel: the same for the same number, so that a fill can go on where it ended. */

import { type MessageEntry, messageSendKey } from '../../src/chat/log/entries.ts';
import type { ChannelKey, LogRow } from '../../src/chat/log/port.ts';

export const BUCKET_SIZE = 4_096;
export const channel: ChannelKey = { organizationId: 'bench', channelId: 'deep' };

/** The first one's time, and from one to the next: ten million of them take nine years. */
const BEGAN = Date.UTC(2015, 0, 1);
const EVERY_MS = 30_000;

export const timeOf = (seq: number): number => BEGAN + seq * EVERY_MS;

export function rowOf(seq: number): LogRow<MessageEntry> {
  const authorId = `author-${seq % 50}`;
  const clientMessageId = `message-${seq}`;
  return {
    seq,
    at: timeOf(seq),
    sendKey: messageSendKey(authorId, clientMessageId),
    entry: {
      authorId,
      clientMessageId,
      text: `This is message ${seq} of many.`,
      metadata: null,
      mentions: [],
    },
  };
}
