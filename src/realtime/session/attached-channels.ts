/**
 * The channels of one subscription at the hub. One that is live passes its entries on as events; before that, while
 * it is opened or replayed, what the hub hands on is left to the replay to read.
 */
import { encodeEventCursor } from '../../chat/cursors/cursor.ts';
import type { LiveEvent } from '../../chat/live/port.ts';
import type { ChangeEntry } from '../../chat/log/entries.ts';
import type { LogRow } from '../../chat/log/port.ts';
import type { Attachment, Hub } from '../hub/hub.ts';
import { after, type Item, isSeen } from '../hub/item.ts';
import type { Position } from '../hub/position.ts';
import { eventOf, SMALL } from './event.ts';

interface AttachedChannel {
  readonly id: string;
  readonly attachment: Attachment;
  /** What this subscription was given; null until it is live. */
  given: Position | null;
}

export interface AttachedChannelsOptions {
  readonly hub: Hub;
  readonly organizationId: string;
  /** Of the numbering that places are of. */
  readonly epoch: () => number;
  readonly push: (event: LiveEvent, bytes: number) => void;
  /** A message of an attached channel was deleted, whatever of it waits or is being replayed. */
  readonly onDeleted: (channelId: string, deletion: LogRow<ChangeEntry>) => void;
  /** The hub cannot go on. */
  readonly onBroken: (why: string) => void;
}

export class AttachedChannels {
  readonly #options: AttachedChannelsOptions;
  readonly #channels = new Map<string, AttachedChannel>();
  #isClosed = false;

  constructor(options: AttachedChannelsOptions) {
    this.#options = options;
  }

  ids(): readonly string[] {
    return [...this.#channels.keys()];
  }

  has(id: string): boolean {
    return this.#channels.has(id);
  }

  /** Resolves when the places of all are known. Throws what the logs throw; then none of these is attached. */
  async attach(ids: readonly string[]): Promise<void> {
    if (this.#isClosed) return;
    const { hub, organizationId, onBroken: broken } = this.#options;
    const opened = ids.map((id) => {
      const attachment = hub.attach(
        { organizationId, channelId: id },
        {
          deliver: (item, bytes) => this.#deliver(channel, item, bytes),
          threadMoved: (seq) => this.#threadMoved(id, seq),
          broken,
        },
      );
      const channel: AttachedChannel = { id, attachment, given: null };
      this.#channels.set(id, channel);
      return attachment.opened;
    });
    try {
      await Promise.all(opened);
    } catch (error) {
      for (const id of ids) this.detach(id);
      throw error;
    }
  }

  /** False when it was not attached. */
  detach(id: string): boolean {
    this.#channels.get(id)?.attachment.detach();
    return this.#channels.delete(id);
  }

  /** Detaches all, for good. */
  close(): void {
    this.#isClosed = true;
    for (const id of this.ids()) this.detach(id);
  }

  /** False while it is opened or replayed. */
  isLive(id: string): boolean {
    return (this.#channels.get(id)?.given ?? null) !== null;
  }

  /** What the hub has handed on of it; null when it is not attached. */
  hub(id: string): Position | null {
    return this.#channels.get(id)?.attachment.position() ?? null;
  }

  /** From this place on its entries are events. Returns the place as a cursor. */
  goLive(id: string, at: Position): string {
    const channel = this.#channels.get(id);
    if (channel !== undefined) channel.given = at;
    return this.cursor(id, at);
  }

  cursor(channelId: string, { seq, rev }: Position): string {
    return encodeEventCursor({ channelId, epoch: this.#options.epoch(), seq, rev });
  }

  /** Also while the channel is replayed: a message shown before its thread moved is not shown again there. */
  #threadMoved(channelId: string, seq: number): void {
    this.#options.push({ type: 'MessageUpdated', channelId, cursor: null, seq, change: 'THREAD' }, SMALL);
  }

  #deliver(channel: AttachedChannel, item: Item, bytes: number): void {
    if (item.log === 'CHANGES' && item.row.entry.kind === 'DELETED') {
      this.#options.onDeleted(channel.id, item.row);
    }
    // A replay may have read ahead of the hub.
    if (channel.given === null || isSeen(channel.given, item)) return;
    channel.given = after(channel.given, item);
    const place = { channelId: channel.id, cursor: this.cursor(channel.id, channel.given) };
    const event = eventOf(item, place);
    if (event !== null) this.#options.push(event, bytes);
  }
}
