/**
 * Loaders that delivered events share. What an event shows of people and channels is the same for everybody of the
 * organization and hardly changes from one message to the next, so the stores are asked a few times a second for a
 * channel, however many subscribers it has, however fast it goes, and however much they replay (measured: with
 * loaders for each event and subscriber, 100 subscribers bring two replicas to a few hundred deliveries a second).
 * What differs between viewers, their memberships and what they may read, is never shared.
 *
 * Nothing runs backwards: loaders belong to a place in the channel's change log, so what an event shows was read after
 * every change that its cursor includes (in a replay, that the whole replay tells of); and a message in hand is a floor under its channel's head.
 */
import type { Chat } from '../src/chat/chat.ts';
import { decodeEventCursor } from '../src/chat/cursors/cursor.ts';
import type { Viewer } from '../src/chat/viewer.ts';
import { makeTenantLoaders, type TenantLoaders } from './loaders.ts';
import { whoIs } from './who.ts';

/** Names of people have no place in the channel's log: this old they may be. */
const SHARED_MS = 250;
/** Channels with events at the same moment; beyond it the oldest ask again. */
const MOST = 5_000;

interface Shared {
  readonly loaders: TenantLoaders;
  readonly madeAt: number;
}

export class EventLoaders {
  readonly #chat: Chat;
  /** By organization, channel and place in its change log; the oldest first. */
  readonly #shared = new Map<string, Shared>();

  constructor(chat: Chat) {
    this.#chat = chat;
  }

  get size(): number {
    return this.#shared.size;
  }

  /** The loaders for an event, new or shared; null for one that is of no place in a channel. */
  of(viewer: Viewer | null, event: unknown): TenantLoaders | null {
    const place = placeOf(event);
    if (place === null || viewer === null) return null;
    const key = `${viewer.tenant.organizationId}/${place}`;
    const now = performance.now();
    this.#forgetBefore(now - SHARED_MS);
    const known = this.#shared.get(key);
    if (known !== undefined) return known.loaders;
    const loaders = makeTenantLoaders(this.#chat, whoIs(viewer));
    this.#shared.set(key, { loaders, madeAt: now });
    return loaders;
  }

  #forgetBefore(time: number): void {
    for (const [key, { madeAt }] of this.#shared) {
      if (madeAt >= time && this.#shared.size < MOST) return;
      this.#shared.delete(key);
    }
  }
}

function placeOf(event: unknown): string | null {
  if (typeof event !== 'object' || event === null || !('cursor' in event)) return null;
  if (typeof event.cursor !== 'string') return null;
  const { channelId, epoch, rev } = decodeEventCursor(event.cursor);
  const asOf = 'asOf' in event && typeof event.asOf === 'number' ? event.asOf : 0;
  return `${channelId}/${epoch}/${Math.max(rev, asOf)}`;
}
