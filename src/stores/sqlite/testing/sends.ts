/** What sender.ts sends, so that its parent can send the same again. */
import type { MessageEntry } from '../../../chat/log/entries.ts';
import type { Send } from '../../../chat/log/log.ts';
import type { ChannelKey } from '../../../chat/log/port.ts';
import { messageSend } from '../../../chat/log/testing/sends.ts';

export const channels: readonly ChannelKey[] = ['a', 'b', 'c'].map((channelId) => ({
  organizationId: 'o',
  channelId,
}));

/** Send `i` of a run, the same whoever asks. */
export const sendOf = (run: string, i: number): Send<MessageEntry> =>
  messageSend(`message ${i} of ${run} ${'.'.repeat(i % 2_000)}`, {
    authorId: run,
    clientMessageId: `${i}`,
    searchBack: { basis: 0 },
  });
