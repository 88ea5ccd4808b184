/**
 * Imports a Slack export into one organization: people, then conversation by conversation. Everything is named
 * deterministically, so that running it again goes on where it stopped and adds nothing when all is there.
 */
import { systemClock } from '../../chat/clock.ts';
import type { Organization } from '../../chat/people/port.ts';
import { type ListedConversation, listConversations } from './conversations.ts';
import { importConversation } from './import-conversation.ts';
import { inParallel } from './in-parallel.ts';
import { type OpenConversation, openChannel, openDirect } from './open-conversation.ts';
import { PAUSES_MS } from './patience.ts';
import { People } from './people.ts';
import type { ImportObserver, ImportStores, Run, SubjectRule } from './run.ts';
import { byDate, listsNamed, openExport, readList, UnreadableFile } from './source/export.ts';
import { Tally } from './tally.ts';
import type { Directory } from './text.ts';

export interface SlackImport {
  /** A zip file as Slack gives it, or the folder it was unpacked to. */
  readonly path: string;
  readonly organization: Organization;
  readonly stores: ImportStores;
  readonly subjectRule: SubjectRule;
  /** Leaves out private channels and direct conversations. */
  readonly publicOnly?: boolean;
  /** Stops the import after what is under way; running it again goes on. */
  readonly signal: AbortSignal;
  readonly observer: ImportObserver;
  /** Appends of one log under way at once. Tests of small buckets take less. */
  readonly window?: number;
  /** Conversations worked on at once. */
  readonly conversationsAtOnce?: number;
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
  const slackExport = await openExport(options.path);
  // A failure in one conversation ends the others too, each after what it has under way.
  const failure = new AbortController();
  const run: Run = {
    ...options,
    publicOnly: options.publicOnly ?? false,
    export: slackExport,
    clock: systemClock,
    signal: AbortSignal.any([options.signal, failure.signal]),
    tally: new Tally(),
    window: options.window ?? 128,
    pausesMs: options.pausesMs ?? PAUSES_MS,
  };
  try {
    return await importAll(run, failure, options.conversationsAtOnce ?? 4);
  } finally {
    await slackExport.source.close();
  }
}

async function importAll(run: Run, failure: AbortController, atOnce: number): Promise<SlackImportResult> {
  const people = new People(run);
  await people.provisionListed();
  const listed = await listConversations(run);
  await countLeftOut(run);
  const { opened, directory } = await openAll(run, listed, people);
  const areAllOpen = !run.signal.aborted;
  const files = opened.flatMap((o) => o.listed.files);
  run.observer.started({
    conversations: opened.length,
    dayFiles: files.length,
    bytes: files.reduce((sum, path) => sum + (run.export.source.files.get(path) ?? 0), 0),
  });
  let done = 0;
  await inParallel(opened, atOnce, async (open) => {
    if (run.signal.aborted) return;
    try {
      await importConversation(run, open, people, directory);
      if (!run.signal.aborted) done += 1;
    } catch (error) {
      failure.abort();
      throw error;
    }
  });
  return { isComplete: areAllOpen && done === opened.length, tally: run.tally };
}

interface Opened {
  readonly opened: readonly OpenConversation[];
  readonly directory: Directory;
}

/** All conversations before the first message: texts name channels by the handle they got. */
async function openAll(run: Run, listed: readonly ListedConversation[], people: People): Promise<Opened> {
  const handles = new Map<string, string>();
  const directory: Directory = {
    person: (id) => people.listed(id),
    channelHandle: (id) => handles.get(id) ?? null,
  };
  const byChannel = new Map<string, OpenConversation>();
  for (const conversation of listed) {
    if (run.signal.aborted) break;
    const open =
      conversation.kind === 'CHANNEL'
        ? await openChannel(run, conversation, directory)
        : await openDirect(run, conversation, people);
    if (open === null) continue;
    if (conversation.kind === 'CHANNEL') handles.set(conversation.slackId, open.channel.handle);
    byChannel.set(open.channel.id, joined(byChannel.get(open.channel.id), open));
  }
  return { opened: [...byChannel.values()], directory };
}

/** Slack may hold two direct conversations of the same people (a Grid does, of those who met in two workspaces). */
function joined(known: OpenConversation | undefined, further: OpenConversation): OpenConversation {
  if (known === undefined) return further;
  const { listed } = known;
  return {
    ...known,
    listed: {
      ...listed,
      files: byDate([...listed.files, ...further.listed.files]),
      pins: [...listed.pins, ...further.listed.pins],
    },
  };
}

/** What lies in the export and is not read, so that nobody takes it for imported. */
async function countLeftOut(run: Run): Promise<void> {
  run.tally.add('otherFiles', run.export.otherFiles.length);
  if (run.export.otherFiles.length > 0) {
    run.observer.problem(`not taken over: ${run.export.otherFiles.join(', ')}`);
  }
  if (!run.publicOnly) return;
  for (const name of ['groups.json', 'mpims.json', 'dms.json'] as const) {
    for (const { path } of listsNamed(run.export, name)) await countList(run, path);
  }
}

async function countList(run: Run, path: string): Promise<void> {
  try {
    for await (const _ of readList(run.export, path)) run.tally.add('privateLeftOut');
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error;
    run.tally.add('badFiles');
    run.observer.problem(error.message);
  }
}
