/**
 * A conversation of the export as a channel here. A channel is made without members and gets them when all of it is
 * there: until then nobody may write into it as a member. A direct conversation is the one of exactly these people.
 */
import type { Channel } from '../../chat/channels/port.ts';
import { limits } from '../../chat/limits.ts';
import type { ListedChannel, ListedConversation, ListedDirect } from './conversations.ts';
import { cutUnits, nameFrom, numberedHandle } from './handles.ts';
import { channelIdOf } from './ids.ts';
import { patiently } from './patience.ts';
import type { People } from './people.ts';
import type { Run } from './run.ts';
import { type Directory, plainText } from './text.ts';

/** Handles tried before a channel is given up. */
const MOST_HANDLES = 50;

export interface OpenConversation {
  readonly listed: ListedConversation;
  readonly channel: Channel;
}

/** As an earlier run made it, or made now. Null, and said, when no handle was free. */
export async function openChannel(
  run: Run,
  listed: ListedChannel,
  directory: Directory,
): Promise<OpenConversation | null> {
  const { slack } = listed;
  const { channels } = run.stores;
  const id = channelIdOf(run.organization.id, slack.id);
  if (listed.files.length === 0) {
    run.observer.problem(
      `${slack.name}: has no folder of day files in the export; imported without messages`,
    );
  }
  const [existing] = await patiently(run, () => channels.byIds(run.organization.id, [id]));
  if (existing !== undefined) return { listed, channel: existing };
  for (const handle of handlesOf(listed)) {
    const made = await patiently(run, () =>
      channels.create({
        id,
        organizationId: run.organization.id,
        type: 'CHANNEL',
        visibility: listed.isPrivate ? 'PRIVATE' : 'PUBLIC',
        postingPolicy: 'EVERYONE',
        name: nameFrom(slack.name),
        handle,
        topic: topicOf(run, listed, directory),
        creatorId: null,
        memberIds: [],
        ...(slack.created ? { createdAt: new Date(Math.min(slack.created * 1000, run.clock.now())) } : {}),
        ...(slack.is_archived === true ? { archivedAt: new Date(run.clock.now()) } : {}),
      }),
    );
    if (made === 'HANDLE_TAKEN') continue;
    run.tally.add(listed.isPrivate ? 'privateChannels' : 'channels');
    if (made.handle !== slack.name) run.tally.add('renamedChannels');
    return { listed, channel: made };
  }
  run.tally.add('badChannels');
  run.observer.problem(`${slack.name}: ${MOST_HANDLES} channels have this handle already; left out`);
  return null;
}

function* handlesOf({ handles }: ListedChannel): Generator<string> {
  yield* handles;
  const [wish = ''] = handles;
  for (let n = 2; n <= MOST_HANDLES; n += 1) yield numberedHandle(wish, n);
}

/** Topic and purpose in one line. */
function topicOf(run: Run, { slack }: ListedChannel, directory: Directory): string {
  const texts = [slack.topic?.value, slack.purpose?.value].filter((t): t is string => !!t?.trim());
  const whole = [...new Set(texts)].map((t) => plainText(t, directory).text.trim()).join(' | ');
  if (whole.length > limits.topicUnits) run.tally.add('shortenedTopics');
  return cutUnits(whole, limits.topicUnits);
}

/** Null for one in which nothing was said: it would only fill sidebars. */
export async function openDirect(
  run: Run,
  listed: ListedDirect,
  people: People,
): Promise<OpenConversation | null> {
  if (listed.files.length === 0 || listed.members.length === 0) {
    run.tally.add('emptyDirects');
    return null;
  }
  const organizationId = run.organization.id;
  const userIds = new Set<string>();
  for (const slackId of listed.members) userIds.add((await people.byId(slackId)).id);
  const id = channelIdOf(organizationId, listed.slackId);
  const channel = await patiently(run, () =>
    run.stores.channels.openDirectMessage({ id, organizationId, userIds: [...userIds] }),
  );
  run.tally.add('directs');
  return { listed, channel };
}
