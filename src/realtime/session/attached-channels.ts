/**
 * The channels of one subscription at the hub. One that is live passes its entries on as events; before that, while
 * it is opened or replayed, what the hub hands on is left to the replay to read.
 */
import { encodeEventCursor } from '../../chat/cursors/cursor.ts';
import type { Hub } from '../hub/hub.ts';
import type { Position } from '../hub/position.ts';
import { AttachedChannel, type Replayable, type Sink } from './attached-channel.ts';

export interface AttachedChannelsOptions {
  readonly hub: Hub;
  readonly organizationId: string;
  /** Whose subscription this is. */
  readonly userId: string;
  /** Of the numbering that places are of. */
  readonly epoch: () => number;
  readonly sink: Sink;
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

  /** Whether it is attached as it was with this sink: not once it was detached, though it may be attached anew. */
  goesTo(sink: Sink, id: string): boolean {
    return this.#channels.get(id)?.sink === sink;
  }

  /** Resolves when the places of all are known. Throws what the logs throw; then none of these is attached. */
  async attach(ids: readonly string[], sink: Sink = this.#options.sink): Promise<void> {
    if (this.#isClosed) return;
    const { epoch, ...common } = this.#options;
    const opened = ids.map((channelId) => {
      const channel = new AttachedChannel({ ...common, epoch: epoch(), channelId, sink });
      this.#channels.set(channelId, channel);
      return channel.opened;
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
    this.#channels.get(id)?.detach();
    return this.#channels.delete(id);
  }

  /** It is about to be replayed, until it goes live or is detached. Null when it is not attached. */
  replay(id: string): Replayable | null {
    return this.#channels.get(id)?.replay() ?? null;
  }

  /** Detaches all, for good. */
  close(): void {
    this.#isClosed = true;
    for (const id of this.ids()) this.detach(id);
  }

  /** False while it is opened or replayed. */
  isLive(id: string): boolean {
    return this.#channels.get(id)?.isLive ?? false;
  }

  /** What the hub has handed on of it; null when it is not attached. */
  hub(id: string): Position | null {
    return this.#channels.get(id)?.hub ?? null;
  }

  /** From this place on its entries are events. Returns the place as a cursor. */
  goLive(id: string, at: Position): string {
    this.#channels.get(id)?.goLive(at);
    return this.cursor(id, at);
  }

  cursor(channelId: string, { seq, rev }: Position): string {
    return encodeEventCursor({ channelId, epoch: this.#options.epoch(), seq, rev });
  }
}
