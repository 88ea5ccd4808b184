/** The conversations of an export: public and private channels, direct ones of two and of several. */
import { limits } from '../../chat/limits.ts';
import { handleFrom } from './handles.ts';
import type { Run } from './run.ts';
import { type SlackChannel, type SlackDirect, type SlackPin, slackChannel, slackDirect } from './shapes.ts';
import { byDate, listsNamed, readList, UnreadableFile, type Workspace } from './source/export.ts';

interface Listed {
  readonly slackId: string;
  /** What it is called in messages to the operator. */
  readonly label: string;
  /** Day files of all its folders, by date. */
  readonly files: readonly string[];
  readonly pins: readonly SlackPin[];
}

export interface ListedChannel extends Listed {
  readonly kind: 'CHANNEL';
  readonly slack: SlackChannel;
  readonly isPrivate: boolean;
  /** The handles it asks for, best first. */
  readonly handles: readonly string[];
}

export interface ListedDirect extends Listed {
  readonly kind: 'DIRECT';
  /** Slack's ids of those in it. */
  readonly members: readonly string[];
}

export type ListedConversation = ListedChannel | ListedDirect;

/** Everything listed, channels first. Lists that cannot be read are said and passed over, but for channels.json. */
export async function listConversations(run: Run): Promise<readonly ListedConversation[]> {
  const found = new Map<string, ListedConversation>();
  const add = (conversation: ListedConversation): void => {
    const known = found.get(conversation.slackId);
    // A channel that several workspaces share is listed by each, with its own folder or the same.
    const files = [...new Set([...(known?.files ?? []), ...conversation.files])];
    found.set(conversation.slackId, { ...(known ?? conversation), files: byDate(files) });
  };
  const topNames = new Set<string>();
  for (const list of ['channels.json', 'groups.json', 'mpims.json', 'dms.json'] as const) {
    if (run.publicOnly && list !== 'channels.json') continue;
    for (const { path, workspace } of listsNamed(run.export, list)) {
      const seen = new Set<string>();
      for await (const raw of entriesOf(run, path, list === 'channels.json')) {
        const channel = list === 'dms.json' ? undefined : slackChannel.safeParse(raw).data;
        const direct = list === 'dms.json' ? slackDirect.safeParse(raw).data : undefined;
        const listed = channel ?? direct;
        if (listed === undefined || seen.has(listed.id)) {
          run.tally.add('badChannels');
          run.observer.problem(
            `${path}: an entry without a usable id and name, or that came before, is left out`,
          );
          continue;
        }
        seen.add(listed.id);
        if (channel !== undefined && workspace.name === null) topNames.add(channel.name);
        const folders = foldersOf(run, listed, channel?.name ?? listed.id, workspace, topNames);
        const files = folders.flatMap((folder) => run.export.days.get(folder) ?? []);
        const isDirect =
          direct !== undefined ||
          (list === 'mpims.json' && (listed.members?.length ?? 0) <= limits.dmOthers + 1);
        if (isDirect) add(directOf(listed, files));
        else if (channel !== undefined) {
          const isPrivate = list !== 'channels.json' || channel.is_private === true;
          add(channelOf(channel, files, isPrivate, workspace));
        }
      }
    }
  }
  return [...found.values()].sort((a, b) => Number(a.kind === 'DIRECT') - Number(b.kind === 'DIRECT'));
}

const directOf = ({ id, members = [], pins = [] }: SlackDirect, files: readonly string[]): ListedDirect => ({
  kind: 'DIRECT',
  slackId: id,
  label: `direct conversation ${id}`,
  files,
  pins,
  members,
});

function channelOf(
  slack: SlackChannel,
  files: readonly string[],
  isPrivate: boolean,
  { name }: Workspace,
): ListedChannel {
  const handle = handleFrom(slack.name, handleFrom(slack.id, 'slack-channel'));
  // Workspaces of a Grid have a #general each.
  const ofWorkspace = name === null ? [] : [handleFrom(`${slack.name}-${name}`, handle)];
  return {
    kind: 'CHANNEL',
    slackId: slack.id,
    label: slack.name,
    files,
    pins: slack.pins ?? [],
    slack,
    isPrivate,
    handles: [handle, ...ofWorkspace],
  };
}

/** Its folder is named by the channel or by its id, in its workspace or (shared ones of a Grid) at the top. */
function foldersOf(
  { export: { days, workspaces } }: Run,
  { id }: { readonly id: string },
  name: string,
  own: Workspace,
  topNames: ReadonlySet<string>,
): readonly string[] {
  const [top] = workspaces;
  const wishes = [own.prefix + name, own.prefix + id, ...(topNames.has(name) ? [] : [top.prefix + name])];
  const folder = wishes.find((wish) => days.has(wish));
  if (folder !== undefined) return [folder];
  return workspaces.map(({ prefix }) => prefix + id).filter((wish) => days.has(wish));
}

async function* entriesOf(run: Run, path: string, isNeeded: boolean): AsyncGenerator<unknown> {
  try {
    yield* readList(run.export, path);
  } catch (error) {
    if (!(error instanceof UnreadableFile) || isNeeded) throw error;
    run.tally.add('badFiles');
    run.observer.problem(error.message);
  }
}
