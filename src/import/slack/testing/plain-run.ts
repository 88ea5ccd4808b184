/** Just enough of a run to append one channel; for tests. */
import type { MessageEntry } from '../../../chat/log/entries.ts';
import type { Log } from '../../../chat/log/log.ts';
import type { ImportedEntry } from '../entry.ts';
import { clientMessageIdOf } from '../ids.ts';
import { PAUSES_MS } from '../patience.ts';
import type { Run } from '../run.ts';
import { Tally } from '../tally.ts';

export const testChannel = { organizationId: 'o', channelId: 'c' };

/** Message `n` of a made-up channel, from 1. */
export function item(n: number): ImportedEntry {
  const ts = `${1_577_836_800 + n}.000100`;
  const clientMessageId = clientMessageIdOf(testChannel.channelId, ts, 1);
  return {
    entry: {
      authorId: 'a',
      clientMessageId,
      text: `message ${n}`,
      metadata: { slack: { ts } },
      mentions: [],
    },
    at: (1_577_836_800 + n) * 1000,
    counts: [],
  };
}

/** The first `count` of them. */
export async function* exported(count: number): AsyncGenerator<ImportedEntry> {
  for (let n = 1; n <= count; n += 1) yield item(n);
}

/** A run of which only the log is real. */
export const runOn = (log: Log<MessageEntry>, signal = new AbortController().signal): Run => ({
  export: { folder: '', entries: [] },
  organization: { id: 'o', slug: 'o', name: 'o', cell: 'default', epoch: 1 },
  // Appending touches the log alone.
  stores: { messages: log } as unknown as Run['stores'],
  subjectRule: 'id',
  clock: { now: () => Date.now() },
  signal,
  observer: {
    started: () => undefined,
    dayFileDone: () => undefined,
    messagesSaved: () => undefined,
    channelDone: () => undefined,
    problem: () => undefined,
  },
  tally: new Tally(),
  window: 10,
  pausesMs: PAUSES_MS,
});

/** The texts of the first `count`. */
export const upTo = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, i) => `message ${i + 1}`);
