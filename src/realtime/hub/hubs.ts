/**
 * A hub for each cell, so that they share no turn: the reads of one cell's channels, which may not be answered, never
 * stand before those of another's. Whoever subscribes names the cell of their organization; what the bus brings names a
 * channel, which at most one of them has.
 */
import type { Signal } from '../../chat/live/port.ts';
import type { ChangeEntry, MessageEntry } from '../../chat/log/entries.ts';
import type { ChannelKey, LogRow } from '../../chat/log/port.ts';
import type { HubCounts } from './counts.ts';
import type { Hub } from './hub.ts';

export class Hubs {
  readonly #make: () => Hub;
  readonly #hubs = new Map<string, Hub>();

  constructor(make: () => Hub) {
    this.#make = make;
  }

  /** Made when somebody first asks for it: there are as many as cells. */
  of(cell: string): Hub {
    const known = this.#hubs.get(cell);
    if (known !== undefined) return known;
    const hub = this.#make();
    this.#hubs.set(cell, hub);
    return hub;
  }

  messages(channel: ChannelKey, rows: readonly LogRow<MessageEntry>[]): void {
    for (const hub of this.#hubs.values()) hub.messages(channel, rows);
  }

  changes(channel: ChannelKey, rows: readonly LogRow<ChangeEntry>[]): void {
    for (const hub of this.#hubs.values()) hub.changes(channel, rows);
  }

  threadMoved(parent: ChannelKey, rootSeq: number): void {
    for (const hub of this.#hubs.values()) hub.threadMoved(parent, rootSeq);
  }

  typing(channel: ChannelKey, userId: string): void {
    for (const hub of this.#hubs.values()) hub.typing(channel, userId);
  }

  signal(channel: ChannelKey, signal: Signal): void {
    for (const hub of this.#hubs.values()) hub.signal(channel, signal);
  }

  suspect(channels: readonly ChannelKey[]): void {
    for (const hub of this.#hubs.values()) hub.suspect(channels);
  }

  suspectAll(): void {
    for (const hub of this.#hubs.values()) hub.suspectAll();
  }

  get size(): number {
    return this.#sum((hub) => hub.size);
  }

  get rejected(): number {
    return this.#sum((hub) => hub.rejected);
  }

  get counts(): HubCounts {
    return {
      gapsRepaired: this.#sum(({ counts }) => counts.gapsRepaired),
      headsChecked: this.#sum(({ counts }) => counts.headsChecked),
    };
  }

  close(): void {
    for (const hub of this.#hubs.values()) hub.close();
  }

  #sum(of: (hub: Hub) => number): number {
    return this.#hubs.values().reduce((sum, hub) => sum + of(hub), 0);
  }
}
