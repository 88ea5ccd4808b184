/** What all changes of a message share: who may ask, how it is appended, and the answer: the message as it is then. */
import { type ReadableChannel, readableChannels } from '../channels/access.ts';
import { refuseArchived } from '../channels/permission.ts';
import { conflict, notFound } from '../errors.ts';
import { uuidv7 } from '../ids.ts';
import { Unchanged } from '../log/deciding.ts';
import { type ChangeEntry, changeSendKey } from '../log/entries.ts';
import { messageSearchBack } from '../log/search-back.ts';
import type { Ports } from '../ports.ts';
import type { Viewer } from '../viewer.ts';
import type { Message, MessageRef } from './message.ts';

/** Beside the content: ids, numbers, the reactions' summary, the revs of earlier edits. */
const FIXED_BYTES = 800;
/** The server names a change only in this request: an earlier copy is as old as a retry, and clocks differ by less. */
const OWN_CLOCK_MS = 60_000;

const keyOf = (viewer: Viewer, { channelId, seq }: MessageRef) => ({
  channel: { organizationId: viewer.tenant.organizationId, channelId },
  seq,
});

/** Null when the channel has no such message. */
export async function readMessage(ports: Ports, viewer: Viewer, ref: MessageRef): Promise<Message | null> {
  const [row] = await ports.messages.rows([keyOf(viewer, ref)]);
  return row == null ? null : { channelId: ref.channelId, row };
}

/** The message and the viewer's place in its channel, of one that may be changed. */
export interface Changeable {
  readonly place: ReadableChannel;
  readonly message: Message;
}

/**
 * Throws NOT_FOUND alike for a message that is not there and for one that the viewer may not see, FORBIDDEN for one
 * in an archived channel.
 */
export async function requireChangeable(ports: Ports, viewer: Viewer, ref: MessageRef): Promise<Changeable> {
  const [places, message] = await Promise.all([
    readableChannels(ports, viewer, [ref.channelId]),
    ref.seq < 1 ? null : readMessage(ports, viewer, ref),
  ]);
  const place = places.get(ref.channelId);
  if (place === undefined || message === null) throw notFound('The message');
  refuseArchived(place.channel);
  return { place, message };
}

/**
 * Appends the change, and returns the message as it is now: with this change, with newer ones, or, when there was
 * nothing to do, as it was. Throws what Log.append throws and what is decided against it.
 * @param clientChangeId a repeat of the same one never takes effect again.
 */
export async function changeMessage(
  ports: Ports,
  viewer: Viewer,
  ref: MessageRef,
  entry: ChangeEntry,
  clientChangeId: string | null = null,
): Promise<Message> {
  const now = ports.clock.now();
  const { content } = entry;
  try {
    const { row } = await ports.changes.append(keyOf(viewer, ref).channel, {
      sendKey: changeSendKey(viewer.userId, clientChangeId ?? uuidv7(now)),
      entry,
      bytes: FIXED_BYTES + (content === undefined ? 0 : Buffer.byteLength(JSON.stringify(content))),
      searchBack:
        clientChangeId === null
          ? { since: now - OWN_CLOCK_MS }
          : messageSearchBack(clientChangeId, null, now),
    });
    if (row.entry.seq !== ref.seq) throw conflict('This clientChangeId names a change of another message.');
  } catch (error) {
    if (!(error instanceof Unchanged)) throw error;
  }
  const message = await readMessage(ports, viewer, ref);
  if (message === null) throw notFound('The message');
  return message;
}
