/**
 * One conversation, from its files to its members: its messages in order; then what was done to them, with the
 * beginnings of threads, by time; then the threads; then, when all is there, its people. Ended anywhere in between, it
 * is gone through again and only what is missing is added.
 */
import { appendEvents } from './append-events.ts';
import { appendMessages } from './append-messages.ts';
import { stageThreads } from './events.ts';
import { addFollowers, addMembers } from './members.ts';
import type { OpenConversation } from './open-conversation.ts';
import { patiently } from './patience.ts';
import type { People } from './people.ts';
import { Progress } from './progress.ts';
import type { Run } from './run.ts';
import { stageFiles } from './stage.ts';
import { Staging } from './staging.ts';
import type { Directory } from './text.ts';
import { noteChanged, noteThere } from './there.ts';
import { importThreads } from './threads.ts';
import { tsKey } from './times.ts';
import type { Work } from './work.ts';

export async function importConversation(
  run: Run,
  opened: OpenConversation,
  people: People,
  directory: Directory,
): Promise<void> {
  const { listed, channel } = opened;
  const staging = new Staging(run.stores.openScratch());
  const progress = new Progress(run, listed.files);
  const pins = new Map(listed.pins.map((pin) => [tsKey(pin.id), pin]));
  const work: Work = { run, listed, staging, people, directory, progress, pins };
  try {
    const key = { organizationId: run.organization.id, channelId: channel.id };
    await stageFiles(run, staging, listed, channel.id, (path) => progress.file(path));
    const [head = 0] = await patiently(run, () => run.stores.messages.heads([key]));
    const [rev = 0] = await patiently(run, () => run.stores.changes.heads([key]));
    await noteThere(run, staging, key, head);
    await noteChanged(run, staging, key, rev);
    if (run.signal.aborted) return;
    staging.releaseOrphans();
    run.tally.add('flatReplies', staging.releaseFlat());
    run.tally.add('deletedInSlack', staging.dropTombstones());
    progress.found(staging.count);

    const state = await appendMessages(work, key, null, head);
    await stageThreads(work);
    await appendEvents(work, key, '', rev);
    const replies = await importThreads(work, key);
    // A stopped channel stays without members: that is what says it is not complete.
    if (run.signal.aborted) return;
    const added = state.added + replies;
    await addMembers(run, opened, people, { head: state.head, added });
    await addFollowers(run, staging);
    if (added > 0 && state.lastAt !== null) {
      const activity = new Map([[channel.id, new Date(state.lastAt)]]);
      await patiently(run, () => run.stores.channels.touchActivity(run.organization.id, activity));
    }
    progress.end();
    const label = listed.kind === 'CHANNEL' ? `#${channel.handle}` : listed.label;
    run.observer.conversationDone({ label, added, head: state.head });
  } finally {
    staging.close();
  }
}
