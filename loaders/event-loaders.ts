/**
 * Loaders that all subscribers of one delivered event share. What an event shows of people and channels is the same
 * for everybody of the organization, so a thousand subscribers ask the stores once and not a thousand times
 * (measured: 100 subscribers of one channel otherwise bring two replicas to a few hundred deliveries a second).
 * What differs between viewers, their memberships and what they may read, is never shared.
 */
import type { Chat } from '../src/chat/chat.ts';
import type { Viewer } from '../src/chat/viewer.ts';
import { makeTenantLoaders, type TenantLoaders } from './loaders.ts';
import { whoIs } from './who.ts';

/** Whoever comes later, a slow client's queue say, reads again: what is told stays about as old as the telling. */
const SHARED_MS = 1_000;

/** By the log's row, of which there is one object on this edge however many subscribers there are. */
const byRow = new WeakMap<object, { readonly loaders: TenantLoaders; readonly madeAt: number }>();

/**
 * The loaders for an event, new or shared; null when the event has no row to know it by. A row is of one channel and
 * so of one organization: nothing here crosses tenants.
 */
export function eventLoaders(chat: Chat, viewer: Viewer | null, event: unknown): TenantLoaders | null {
  if (typeof event !== 'object' || event === null || !('row' in event)) return null;
  const { row } = event;
  if (typeof row !== 'object' || row === null) return null;
  const now = performance.now();
  const known = byRow.get(row);
  if (known !== undefined && now - known.madeAt < SHARED_MS) return known.loaders;
  const loaders = makeTenantLoaders(chat, whoIs(viewer));
  byRow.set(row, { loaders, madeAt: now });
  return loaders;
}
