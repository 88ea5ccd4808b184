/**
 * The threads of a conversation, once they are opened: each has a log of its own, with its replies and what was done
 * to them. Several are worked on at once; most hold a few messages.
 */
import { threadIdOf } from '../../chat/channels/thread-id.ts';
import type { ChannelKey } from '../../chat/log/port.ts';
import { appendEvents } from './append-events.ts';
import { appendMessages } from './append-messages.ts';
import { inParallel } from './in-parallel.ts';
import { patiently } from './patience.ts';
import type { Person } from './people.ts';
import { exportedMessage } from './stage.ts';
import type { StagedThread } from './staging.ts';
import { noteChanged, noteThere } from './there.ts';
import type { Work } from './work.ts';

const PAGE = 64;
const AT_ONCE = 8;

interface Place {
  readonly staged: StagedThread;
  readonly channel: ChannelKey;
}

/** Answers how many messages were added. */
export async function importThreads(work: Work, parent: ChannelKey): Promise<number> {
  const { run, staging } = work;
  let added = 0;
  for (let after = ''; !run.signal.aborted; ) {
    const threads = staging.threads(after, PAGE);
    const last = threads.at(-1);
    if (last === undefined) break;
    after = last.root.key;
    const places = threads.flatMap((staged) => placeOf(work, parent, staged) ?? []);
    const channels = places.map(({ channel }) => channel);
    const [heads, revs] = await Promise.all([
      patiently(run, () => run.stores.messages.heads(channels)),
      patiently(run, () => run.stores.changes.heads(channels)),
    ]);
    await inParallel([...places.entries()], AT_ONCE, async ([i, place]) => {
      const replies = await importThread(work, place, { head: heads[i] ?? 0, rev: revs[i] ?? 0 });
      // After the wait: the sum read before it would be that of another thread's start.
      added += replies;
    });
  }
  return added;
}

/** Null when the root has no number: the run is being stopped. */
function placeOf(
  { staging }: Work,
  { organizationId, channelId }: ChannelKey,
  staged: StagedThread,
): Place | null {
  const seq = staging.seqOf(staged.root.clientId);
  if (seq === null) return null;
  return { staged, channel: { organizationId, channelId: threadIdOf(organizationId, { channelId, seq }) } };
}

async function importThread(
  work: Work,
  { staged, channel }: Place,
  { head, rev }: { readonly head: number; readonly rev: number },
): Promise<number> {
  const { run, staging } = work;
  if (run.signal.aborted) return 0;
  await noteThere(run, staging, channel, head);
  await noteChanged(run, staging, channel, rev);
  const follow = (person: Person): void => {
    if (!person.isDeactivated) staging.addFollower(channel.channelId, person.id);
  };
  const { message } = exportedMessage(staged.root.json);
  // Nobody knows who wrote what was deleted.
  if (message.subtype !== 'tombstone') follow((await work.people.authorOf(message)).person);
  const { added } = await appendMessages(work, channel, staged.root.key, head, follow);
  await appendEvents(work, channel, staged.root.key, rev);
  run.tally.add('replies', added);
  return added;
}
