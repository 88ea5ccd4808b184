/**
 * A channel of the export as a channel here. It is made without members and gets them when its messages are
 * complete: until then nobody may write into it as a member, and its head tells how far the import has come.
 */
import type { Channel } from '../../chat/channels/port.ts';
import { limits } from '../../chat/limits.ts';
import { dayFiles, readList, UnreadableFile } from './export-folder.ts';
import { cutUnits, handleFrom, nameFrom, numberedHandle } from './handles.ts';
import { channelIdOf } from './ids.ts';
import { patiently } from './patience.ts';
import type { People } from './people.ts';
import type { Run } from './run.ts';
import { type SlackChannel, slackChannel } from './shapes.ts';
import { type Directory, plainText } from './text.ts';

export interface ListedChannel {
  readonly slack: SlackChannel;
  readonly id: string;
  /** The handle it asks for; another one when that is taken here. */
  readonly handle: string;
  readonly files: readonly string[];
}

/** Handles tried before a channel is given up. */
const MOST_HANDLES = 50;
const MEMBERS_AT_ONCE = 500;

/** Channels of channels.json with their day files. Throws UnreadableFile when channels.json cannot be read. */
export async function listChannels(run: Run): Promise<readonly ListedChannel[]> {
  const list = await readList(run.export, 'channels.json');
  const channels: ListedChannel[] = [];
  const seen = new Set<string>();
  for (const raw of list) {
    const slack = slackChannel.safeParse(raw).data;
    if (slack === undefined || seen.has(slack.id)) {
      run.tally.add('badChannels');
      run.observer.problem(
        'channels.json: an entry without a usable id and name, or that came before, is left out',
      );
      continue;
    }
    seen.add(slack.id);
    channels.push({
      slack,
      id: channelIdOf(run.organization.id, slack.id),
      handle: handleFrom(slack.name, handleFrom(slack.id, 'slack-channel')),
      files: await filesOf(run, slack),
    });
  }
  return channels;
}

async function filesOf(run: Run, slack: SlackChannel): Promise<readonly string[]> {
  const folder = run.export.entries.includes(slack.name) ? slack.name : slack.id;
  if (!run.export.entries.includes(folder)) {
    run.observer.problem(`${slack.name}: has no folder in the export; imported without messages`);
    return [];
  }
  try {
    return await dayFiles(run.export, folder);
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error;
    run.tally.add('badFiles');
    run.observer.problem(error.message);
    return [];
  }
}

/** The channel as an earlier run made it, or made now. Null, and said, when no handle was free. */
export async function openChannel(
  run: Run,
  listed: ListedChannel,
  directory: Directory,
): Promise<Channel | null> {
  const { slack, id, handle } = listed;
  const { channels } = run.stores;
  const [existing] = await patiently(run, () => channels.byIds(run.organization.id, [id]));
  if (existing !== undefined) return existing;
  const archivedAt = slack.is_archived === true ? { archivedAt: new Date(run.clock.now()) } : {};
  for (let n = 1; n <= MOST_HANDLES; n += 1) {
    const made = await patiently(run, () =>
      channels.create({
        id,
        organizationId: run.organization.id,
        type: 'CHANNEL',
        visibility: 'PUBLIC',
        postingPolicy: 'EVERYONE',
        name: nameFrom(slack.name),
        handle: n === 1 ? handle : numberedHandle(handle, n),
        topic: topicOf(run, slack, directory),
        creatorId: null,
        memberIds: [],
        ...(slack.created ? { createdAt: new Date(slack.created * 1000) } : {}),
        ...archivedAt,
      }),
    );
    if (made === 'HANDLE_TAKEN') continue;
    run.tally.add('channels');
    if (made.handle !== slack.name) run.tally.add('renamedChannels');
    if (slack.is_archived === true && made.archivedAt === null) run.tally.add('unarchived');
    return made;
  }
  run.tally.add('badChannels');
  run.observer.problem(`${slack.name}: ${MOST_HANDLES} channels have this handle already; left out`);
  return null;
}

/** Topic and purpose in one line. */
function topicOf(run: Run, slack: SlackChannel, directory: Directory): string {
  const texts = [slack.topic?.value, slack.purpose?.value].filter((t): t is string => !!t?.trim());
  const whole = [...new Set(texts)].map((t) => plainText(t, directory).text.trim()).join(' | ');
  if (whole.length > limits.topicUnits) run.tally.add('shortenedTopics');
  return cutUnits(whole, limits.topicUnits);
}

/**
 * Gives a complete channel its members: everything in it counts as read. The one who made the channel comes last,
 * as its admin; whoever comes last is a member only if all are, so a run that added no message and finds them here
 * leaves the members alone (some may have left since).
 */
export async function addMembers(
  run: Run,
  listed: ListedChannel,
  people: People,
  state: { readonly head: number; readonly added: number },
): Promise<void> {
  const { memberships } = run.stores;
  const organizationId = run.organization.id;
  const creator = listed.slack.creator ?? '';
  const ids = [...new Set(listed.slack.members ?? [])].sort(
    (a, b) => Number(a === creator) - Number(b === creator),
  );
  const present = ids.flatMap((slackId) => {
    const person = people.listed(slackId);
    return person === null || person.isDeactivated ? [] : [{ id: person.id, isCreator: slackId === creator }];
  });
  const last = present.at(-1);
  if (last === undefined) return;
  if (state.added === 0) {
    const [there] = await patiently(run, () => memberships.ofUser(organizationId, last.id, [listed.id]));
    if (there !== undefined) return;
  }
  const groups: { readonly role: 'MEMBER' | 'ADMIN'; readonly userIds: string[] }[] = [];
  for (const { id, isCreator } of present) {
    const role = isCreator ? 'ADMIN' : 'MEMBER';
    const group = groups.at(-1);
    if (group?.role === role && group.userIds.length < MEMBERS_AT_ONCE) group.userIds.push(id);
    else groups.push({ role, userIds: [id] });
  }
  for (const { role, userIds } of groups) {
    const made = await patiently(run, () =>
      memberships.add({
        organizationId,
        channelId: listed.id,
        userIds,
        role,
        actorId: last.id,
        checkpoint: state.head,
        announce: false,
      }),
    );
    run.tally.add('memberships', made.memberships.length);
  }
}
