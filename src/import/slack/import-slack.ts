/**
 * Imports an unpacked Slack export into one organization: people, then channel by channel its messages and, once
 * they are complete, its members. Everything is named deterministically, so that running it again goes on where it
 * stopped and adds nothing when all is there.
 */
import type { Channel } from '../../chat/channels/port.ts';
import { systemClock } from '../../chat/clock.ts';
import type { Organization } from '../../chat/people/port.ts';
import { AnotherExport, appendChannel } from './append-channel.ts';
import { addMembers, type ListedChannel, listChannels, openChannel } from './channels.ts';
import { entriesOf, type ImportedEntry } from './entry.ts';
import { openExport, readList, UnreadableFile } from './export-folder.ts';
import { inParallel } from './in-parallel.ts';
import { messageStream } from './message-stream.ts';
import { PAUSES_MS, patiently } from './patience.ts';
import { People } from './people.ts';
import type { ImportObserver, ImportStores, Run, SubjectRule } from './run.ts';
import { Tally } from './tally.ts';
import type { Directory } from './text.ts';

export interface SlackImport {
  readonly folder: string;
  readonly organization: Organization;
  readonly stores: ImportStores;
  readonly subjectRule: SubjectRule;
  /** Stops the import after what is under way; running it again goes on. */
  readonly signal: AbortSignal;
  readonly observer: ImportObserver;
  /** Appends of one channel under way at once. Tests of small buckets take less. */
  readonly window?: number;
  /** Channels worked on at once. */
  readonly channelsAtOnce?: number;
  /** Pauses before further tries while a store does not answer. */
  readonly pausesMs?: readonly number[];
}

export interface SlackImportResult {
  readonly isComplete: boolean;
  readonly tally: Tally;
}

/**
 * Throws NotAnExport and UnreadableFile when there is nothing to start from, and whatever the stores throw; what was
 * saved until then stays, and running it again goes on.
 */
export async function importSlack(options: SlackImport): Promise<SlackImportResult> {
  const tally = new Tally();
  // A failure in one channel ends the others too, each after what it has under way.
  const failure = new AbortController();
  const run: Run = {
    ...options,
    export: await openExport(options.folder),
    clock: systemClock,
    signal: AbortSignal.any([options.signal, failure.signal]),
    tally,
    window: options.window ?? 128,
    pausesMs: options.pausesMs ?? PAUSES_MS,
  };
  const people = new People(run);
  await people.provisionListed();
  const channels = await listChannels(run);
  await countOtherConversations(run);

  // All channels before the first message: texts name them by the handle they got.
  const handles = new Map<string, string>();
  const byName: Directory = { person: (id) => people.listed(id), channelHandle: () => null };
  const opened: OpenChannel[] = [];
  for (const listed of channels) {
    if (run.signal.aborted) break;
    const channel = await openChannel(run, listed, byName);
    if (channel === null) continue;
    handles.set(listed.slack.id, channel.handle);
    opened.push({ listed, channel });
  }
  const areAllOpen = !run.signal.aborted;
  const directory: Directory = {
    person: (id) => people.listed(id),
    channelHandle: (id) => handles.get(id) ?? null,
  };
  run.observer.started({
    channels: opened.length,
    dayFiles: opened.reduce((sum, { listed }) => sum + listed.files.length, 0),
  });
  let done = 0;
  await inParallel(opened, options.channelsAtOnce ?? 4, async (open) => {
    if (run.signal.aborted) return;
    try {
      await importChannel(run, open, people, directory);
      if (!run.signal.aborted) done += 1;
    } catch (error) {
      failure.abort();
      throw error;
    }
  });
  return { isComplete: areAllOpen && done === opened.length, tally };
}

interface OpenChannel {
  readonly listed: ListedChannel;
  readonly channel: Channel;
}

async function importChannel(
  run: Run,
  { listed, channel }: OpenChannel,
  people: People,
  directory: Directory,
): Promise<void> {
  const organizationId = run.organization.id;
  try {
    const state = await appendChannel(
      run,
      { organizationId, channelId: channel.id },
      entries(run, listed, people, directory),
    );
    // A stopped channel stays without members: that is what says it is not complete.
    if (run.signal.aborted) return;
    await addMembers(run, listed, people, state);
    if (state.added > 0 && state.lastAt !== null) {
      const activity = new Map([[channel.id, new Date(state.lastAt)]]);
      await patiently(run, () => run.stores.channels.touchActivity(organizationId, activity));
    }
    run.observer.channelDone({ handle: channel.handle, added: state.added, head: state.head });
  } catch (error) {
    if (!(error instanceof AnotherExport)) throw error;
    run.tally.add('badChannels');
    run.observer.problem(`${channel.handle}: ${error.message}`);
  }
}

async function* entries(
  run: Run,
  listed: ListedChannel,
  people: People,
  directory: Directory,
): AsyncGenerator<ImportedEntry> {
  for await (const exported of messageStream(run, listed.files)) {
    const { person, isListed } = await people.authorOf(exported.message);
    yield* entriesOf(exported, {
      channelId: listed.id,
      directory,
      author: person,
      authorIsListed: isListed,
      now: run.clock.now(),
    });
  }
}

/** Exports with private conversations list them in files of their own; they are counted, never opened to everyone. */
async function countOtherConversations(run: Run): Promise<void> {
  for (const file of ['groups.json', 'dms.json', 'mpims.json']) {
    if (!run.export.entries.includes(file)) continue;
    try {
      const { length } = await readList(run.export, file);
      run.tally.add('otherConversations', length);
      if (length > 0) run.observer.problem(`${file}: ${length} private conversations are not taken over`);
    } catch (error) {
      if (!(error instanceof UnreadableFile)) throw error;
      run.tally.add('badFiles');
      run.observer.problem(error.message);
    }
  }
}
