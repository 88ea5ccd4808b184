/** How the change log decides a batch: on what the messages are right after its head, each change seeing those before. */
import { type Deciding, type Decision, Unchanged } from '../log/deciding.ts';
import type { ChangeEntry } from '../log/entries.ts';
import type { Send } from '../log/log.ts';
import { bucketOf, type ChannelKey, type LogStore } from '../log/port.ts';
import { heads } from '../log/reader.ts';
import { decide } from './decide.ts';
import { loadStates, type StateStores } from './load-states.ts';
import type { Projector } from './projector.ts';

export function changeDeciding(stores: StateStores, projector: Projector): Deciding<ChangeEntry> {
  return {
    settle: (channel, head) => projector.settle(channel, head),
    apply: (channel, rows) => projector.apply(channel, rows),
    async decide(channel, head, sends) {
      const entries = sends.map(({ entry }) => entry);
      const isOfMessages = entries.some(({ seq }) => seq !== undefined);
      const [states, [messageHead = 0]] = await Promise.all([
        loadStates(stores, channel, entries),
        isOfMessages ? heads(stores.messages, [channel]) : [],
      ]);
      let rev = head;
      const decisions = entries.map((entry) => {
        const decision = decide(entry, states, rev + 1, messageHead);
        if ('entry' in decision) rev++;
        return decision;
      });
      return forgiveRepeats(stores.changes, channel, head, sends, decisions);
    },
  };
}

const isRefused = (decision: Decision<ChangeEntry> | undefined): boolean =>
  decision !== undefined && 'error' in decision && !(decision.error instanceof Unchanged);

/**
 * A repeat of what was saved and has been overtaken since (the message is deleted now) is no error. Copies in older
 * buckets were searched for before it came this far; the newest is asked here, once for all that are refused.
 */
async function forgiveRepeats(
  changes: LogStore<ChangeEntry>,
  channel: ChannelKey,
  head: number,
  sends: readonly Send<ChangeEntry>[],
  decisions: readonly Decision<ChangeEntry>[],
): Promise<readonly Decision<ChangeEntry>[]> {
  const refused = sends.filter((_, i) => isRefused(decisions[i])).map(({ sendKey }) => sendKey);
  if (refused.length === 0 || head === 0) return decisions;
  const saved = await changes.consult({ channel, bucket: bucketOf(head, changes.bucketSize) }, refused);
  return decisions.map((decision, i) => {
    const isRepeat = isRefused(decision) && saved.sends.has(sends[i]?.sendKey ?? '');
    return isRepeat ? { error: new Unchanged('an earlier try has saved it') } : decision;
  });
}
