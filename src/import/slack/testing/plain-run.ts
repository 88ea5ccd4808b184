/** Just enough of a run to bring one log up to an export of plain messages; for tests. */
import type { MessageEntry } from '../../../chat/log/entries.ts';
import type { Log } from '../../../chat/log/log.ts';
import type { User } from '../../../chat/people/port.ts';
import { openScratch } from '../../../stores/sqlite/scratch.ts';
import { type AppendedLog, appendMessages } from '../append-messages.ts';
import { clientMessageIdOf } from '../ids.ts';
import { PAUSES_MS, patiently } from '../patience.ts';
import { People } from '../people.ts';
import { Progress } from '../progress.ts';
import type { Run } from '../run.ts';
import { Staging } from '../staging.ts';
import { Tally } from '../tally.ts';
import { noteThere } from '../there.ts';
import { tsKey } from '../times.ts';

export const testChannel = { organizationId: 'o', channelId: 'c' };

const ada: User = {
  id: 'a',
  organizationId: 'o',
  subject: 'slack:U1',
  handle: 'ada',
  name: 'Ada',
  avatarUrl: null,
  isBot: false,
  deactivatedAt: null,
};

const tsOf = (n: number): string => `${1_577_836_800 + n}.000100`;
/** Time of message `n`. */
export const timeOf = (n: number): number => (1_577_836_800 + n) * 1000;

/** A run of which only the log is real. */
export const runOn = (log: Log<MessageEntry>, signal = new AbortController().signal): Run => ({
  export: {
    source: {
      name: '',
      files: new Map(),
      open: () => Promise.reject(new Error('no files')),
      close: async () => undefined,
    },
    workspaces: [{ name: null, prefix: '' }],
    days: new Map(),
    otherFiles: [],
  },
  organization: { id: 'o', slug: 'o', name: 'o', cell: 'default', epoch: 1 },
  // Appending touches the log, and looks up who wrote.
  stores: { messages: log, users: { bySubject: async () => ada } } as unknown as Run['stores'],
  subjectRule: 'id',
  publicOnly: false,
  clock: { now: () => Date.now() },
  signal,
  observer: {
    started: () => undefined,
    advanced: () => undefined,
    messagesSaved: () => undefined,
    conversationDone: () => undefined,
    problem: () => undefined,
  },
  tally: new Tally(),
  window: 10,
  pausesMs: PAUSES_MS,
});

/** Brings the log up to messages `from`..`to` of a made-up channel. */
export async function bringUp(run: Run, to: number, from = 1): Promise<AppendedLog> {
  const staging = new Staging(openScratch());
  try {
    for (let n = from; n <= to; n += 1) {
      const ts = tsOf(n);
      const json = JSON.stringify({ type: 'message', user: 'U1', ts, text: `message ${n}` });
      const clientId = clientMessageIdOf(testChannel.channelId, ts, 1);
      staging.add({ key: tsKey(ts), clientId, json }, null, false);
    }
    const [head = 0] = await patiently(run, () => run.stores.messages.heads([testChannel]));
    await noteThere(run, staging, testChannel, head);
    const work = {
      run,
      listed: { kind: 'DIRECT', slackId: 'D1', label: 'D1', files: [], pins: [], members: [] } as const,
      staging,
      people: new People(run),
      directory: { person: () => null, channelHandle: () => null },
      progress: new Progress(run, []),
      pins: new Map(),
    };
    return await appendMessages(work, testChannel, null, head);
  } finally {
    staging.close();
  }
}

/** The texts of the first `count`. */
export const upTo = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, i) => `message ${i + 1}`);
