/** Sending a message: who may, what it may carry, how far back an earlier copy is looked for, and what follows. */
import { readableNow } from '../channels/access.ts';
import { requirePoster, requireReadable } from '../channels/permission.ts';
import type { Channel, ThreadRoot } from '../channels/port.ts';
import { followThread, threadForReply } from '../channels/threads.ts';
import { badInput } from '../errors.ts';
import { uuidv7 } from '../ids.ts';
import type { JsonObject } from '../json.ts';
import { type MessageEntry, messageSendKey, type StoredMention } from '../log/entries.ts';
import { messageSearchBack } from '../log/search-back.ts';
import { SEND_POINTS } from '../memberships/affinity.ts';
import type { Ports } from '../ports.ts';
import type { Viewer } from '../viewer.ts';
import { mayMention, resolveMentions } from './mentions.ts';
import type { Message } from './message.ts';
import type { Effects } from './messages.ts';
import { checkMetadata, checkText } from './text.ts';

export interface SendInput {
  readonly channelId: string;
  readonly text: string;
  readonly metadata: JsonObject | null;
  readonly clientMessageId: string | null;
  /** Newest number the client knew when it first tried; above the head it counts as the head. */
  readonly basis: number | null;
  /** A message of the channel: the send is a reply, and goes to that message's thread. */
  readonly threadRoot?: ThreadRoot | null;
}

export interface Sent {
  readonly message: Message;
  readonly isDuplicate: boolean;
}

/** The server names a send only in this request: an earlier copy is as old as a retry, and clocks differ by less. */
const OWN_CLOCK_MS = 60_000;
/** Beside text, metadata and mentions: ids, numbers and column names as stored. */
const FIXED_BYTES = 200;
const MENTION_BYTES = 80;
const NO_MENTIONS: readonly StoredMention[] = [];

/**
 * Returns once the message is saved. Throws NOT_FOUND, FORBIDDEN, BAD_USER_INPUT, RATE_LIMITED, and what Log.append throws.
 * Two store calls to ask who may, one more when the text names someone, and the append; a reply needs one more to ask
 * who may in the parent, and somebody's first reply two more.
 */
export async function sendMessage(
  ports: Ports,
  effects: Pick<Effects, 'advances' | 'activity' | 'fanOut'>,
  viewer: Viewer,
  input: SendInput,
): Promise<Sent> {
  checkText(input.text);
  const metadataBytes = checkMetadata(input.metadata);
  if (input.basis !== null && input.basis < 0) throw badInput('`basis` must not be negative.');
  ports.rates?.send(viewer);
  const { organizationId } = viewer.tenant;
  const known = destinationNow(ports, viewer, input);
  const [channel, mentions] =
    known !== null && !mayMention(input.text)
      ? [known, NO_MENTIONS]
      : await Promise.all([
          known ?? destination(ports, viewer, input),
          resolveMentions(ports.users, organizationId, input.text),
        ]);
  const channelId = channel.id;
  // Not before it is known that they may send there: whether a channel is busy tells that it exists.
  ports.rates?.sendTo({ organizationId, channelId });
  const now = ports.clock.now();
  const { text, metadata, basis } = input;
  const clientMessageId = input.clientMessageId ?? uuidv7(now);
  const searchBack =
    input.clientMessageId === null
      ? { since: now - OWN_CLOCK_MS }
      : messageSearchBack(clientMessageId, basis, now);
  const entry: MessageEntry = { authorId: viewer.userId, clientMessageId, text, metadata, mentions };
  const key = { organizationId, channelId };
  const { row, isDuplicate } = await ports.messages.append(key, {
    sendKey: messageSendKey(viewer.userId, clientMessageId),
    entry,
    bytes: FIXED_BYTES + Buffer.byteLength(text) + metadataBytes + mentions.length * MENTION_BYTES,
    searchBack,
  });
  effects.advances.note({
    organizationId,
    channelId,
    userId: viewer.userId,
    // A repeat too: the try that saved it may have ended before it came this far.
    checkpoint: { to: row.seq, backward: false, onlyFrom: row.seq - 1 },
    ...(isDuplicate ? {} : { affinity: { points: SEND_POINTS, at: new Date(now) } }),
  });
  if (!isDuplicate) effects.activity.note(organizationId, channelId, row.at);
  // A repeat too: its channel is told of by whoever comes first.
  effects.fanOut.sent({ ...key, type: channel.type }, row);
  const { root } = channel;
  if (root !== null) ports.publisher.threadMoved({ organizationId, channelId: root.channelId }, root.seq);
  return { message: { channelId, row }, isDuplicate };
}

/** The same at once, where nothing has to be asked or made; null where something has. */
function destinationNow(ports: Ports, viewer: Viewer, { channelId, threadRoot }: SendInput): Channel | null {
  const place = threadRoot == null ? readableNow(ports, viewer, channelId) : undefined;
  // Whoever may not see it is told by the way that asks.
  if (place === undefined || place === null) return null;
  if (place.channel.type === 'THREAD' && place.membership === null) return null;
  requirePoster(viewer, place);
  return place.channel;
}

/** Where the message goes: the channel itself or the thread it replies to. Throws unless the viewer may send there. */
async function destination(ports: Ports, viewer: Viewer, input: SendInput): Promise<Channel> {
  const { channelId, threadRoot = null } = input;
  if (threadRoot !== null) {
    if (threadRoot.channelId !== channelId) throw badInput('`threadRootId` is a message of the channel.');
    return threadForReply(ports, viewer, threadRoot);
  }
  const place = await requireReadable(ports, viewer, channelId);
  requirePoster(viewer, place);
  // A reply whose sender named the thread itself.
  if (place.channel.type === 'THREAD' && place.membership === null) {
    await followThread(ports, viewer, place.channel);
  }
  return place.channel;
}
