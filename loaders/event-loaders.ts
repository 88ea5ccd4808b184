/**
 * Loaders that delivered events share. What an event shows of people and channels is the same for everybody of the
 * organization and hardly changes from one message to the next, so the stores are asked a few times a second for a
 * channel, however many subscribers it has, however fast it goes, and however much they replay (measured: with
 * loaders for each event and subscriber, 100 subscribers bring two replicas to a few hundred deliveries a second).
 * What differs between viewers, their memberships and what they may read, is never shared.
 *
 * Nothing runs backwards: loaders belong to a place in the channel's change log, so what an event shows was read after
 * every change that its cursor includes (in a replay, that the whole replay tells of); and a message in hand is a floor under its channel's head.
 * A thread's replies have no place in its parent's order: once a reply count is told anew, nothing read before is shown.
 */
import type { Chat } from '../src/chat/chat.ts';
import { decodeEventCursor } from '../src/chat/cursors/cursor.ts';
import type { Viewer } from '../src/chat/viewer.ts';
import { makeTenantLoaders, type TenantLoaders } from './loaders.ts';
import { someoneOf, whoIs } from './who.ts';

/** Names of people have no place in the channel's log: this old they may be. */
const SHARED_MS = 250;
/** All who are told that a thread moved are told within this. What they are told again of, a second later, is new. */
const TOLD_MS = 50;
/** Channels with events at the same moment; beyond it the oldest ask again. */
const MOST = 5_000;

interface Shared {
  readonly loaders: TenantLoaders;
  readonly madeAt: number;
}

interface Place {
  /** Names the channel. */
  readonly channelId: string;
  /** In the channel's change log; or of the message whose thread moved. */
  readonly at: string;
  readonly isThread: boolean;
}

export class EventLoaders {
  readonly #chat: Chat;
  /** By organization, channel and place in it; the oldest first. */
  readonly #shared = new Map<string, Shared>();
  /** By organization and channel, when a reply count was last told anew; the oldest first. */
  readonly #moved = new Map<string, { readonly madeAt: number }>();

  constructor(chat: Chat) {
    this.#chat = chat;
  }

  get size(): number {
    return this.#shared.size + this.#moved.size;
  }

  /** The loaders for an event, new or shared; null for one that is of no place in a channel. */
  of(viewer: Viewer | null, event: unknown): TenantLoaders | null {
    const place = placeOf(event);
    if (place === null || viewer === null) return null;
    const channel = `${viewer.tenant.organizationId}/${place.channelId}`;
    const key = `${channel}/${place.at}`;
    const now = performance.now();
    forgetBefore(this.#shared, now - SHARED_MS);
    forgetBefore(this.#moved, now - SHARED_MS);
    const known = this.#shared.get(key);
    const notBefore = place.isThread ? now - TOLD_MS : (this.#moved.get(channel)?.madeAt ?? 0);
    if (known !== undefined && known.madeAt >= notBefore) return known.loaders;
    const made = { loaders: makeTenantLoaders(this.#chat, whoIs(someoneOf(viewer))), madeAt: now };
    putLast(this.#shared, key, made);
    if (place.isThread) putLast(this.#moved, channel, made);
    return made.loaders;
  }
}

function putLast<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
}

function forgetBefore(map: Map<string, { readonly madeAt: number }>, time: number): void {
  for (const [key, { madeAt }] of map) {
    if (madeAt >= time && map.size < MOST) return;
    map.delete(key);
  }
}

function placeOf(event: unknown): Place | null {
  if (typeof event !== 'object' || event === null) return null;
  // Of a person, and of no channel: whoever watches others of the organization shares them.
  if ('presence' in event) return { channelId: '', at: 'presence', isThread: false };
  if (!('cursor' in event)) return null;
  if (typeof event.cursor === 'string') return keptPlace(event.cursor, event);
  if ('type' in event && 'channelId' in event && isEphemeral(event.type)) {
    return { channelId: String(event.channelId), at: 'ephemeral', isThread: false };
  }
  if (!('change' in event && event.change === 'THREAD' && 'channelId' in event && 'seq' in event))
    return null;
  return { channelId: String(event.channelId), at: `thread/${String(event.seq)}`, isThread: true };
}

/** Of whom and of nothing that was said. */
const isEphemeral = (type: unknown): boolean => type === 'TypingStarted' || type === 'SignalSent';

function keptPlace(cursor: string, event: object): Place {
  const { channelId, epoch, rev } = decodeEventCursor(cursor);
  const asOf = 'asOf' in event && typeof event.asOf === 'number' ? event.asOf : 0;
  return { channelId, at: `${epoch}/${Math.max(rev, asOf)}`, isThread: false };
}
