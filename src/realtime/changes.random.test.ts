/**
 * Replayed equals live: random runs in which messages are sent and changed on three replicas over a bus that loses,
 * repeats and reorders, while clients break off and come back elsewhere. Each keeps what it was shown, as a client's
 * cache does, and at the end all hold every message as it is.
 */
import { expect, test, vi } from 'vitest';
import { decodeEventCursor } from '../chat/cursors/cursor.ts';
import type { LiveEvent } from '../chat/live/port.ts';
import type { MessageEntry } from '../chat/log/entries.ts';
import { startClient } from './testing/client.ts';
import { sleep, upTo } from './testing/reading.ts';
import { type Installation, installation, type Replica } from './testing/replicas.ts';

const WRITERS = 12;
const STEPS = 25;
const CLIENTS = 6;

const pick = <T>(all: Installation, list: readonly T[]): T => {
  const one = list[Math.floor(all.chance() * list.length)];
  if (one === undefined) throw new Error('nothing to pick from');
  return one;
};

async function write(all: Installation, { say, alter, messages }: Replica, channelId: string, what: string) {
  const [head = 0] = await messages.heads([{ organizationId: all.organizationId, channelId }]);
  if (head === 0 || all.chance() < 0.3) return say(channelId, what);
  // The newest few are changed again and again, some old ones too.
  const seq = Math.max(1, head - Math.floor(all.chance() ** 3 * head));
  const content = { text: what, metadata: null, mentions: [] };
  return all.chance() < 0.7
    ? alter(channelId, seq, { kind: 'EDITED', content })
    : alter(channelId, seq, { kind: 'PINNED' });
}

/** A client's cache: messages by number, as shown with the newest event of each. */
function cacheOf(all: Installation, channelId: string) {
  const shown = new Map<number, MessageEntry>();
  const rows = () => all.messages.rows.get(`${all.organizationId}:${channelId}`) ?? [];
  const show = async (event: LiveEvent): Promise<void> => {
    if (event.channelId !== channelId) return;
    if (event.type === 'MessagePosted') shown.set(event.row.seq, event.row.entry);
    if (event.type !== 'MessageUpdated') return;
    // As a resolver does: what it reads holds at least every change up to the event's own.
    const row = rows()[event.seq - 1];
    if (row === undefined || event.cursor === null)
      throw new Error('a change of a message that is not there');
    expect(row.entry.projection?.changedRev).toBeGreaterThanOrEqual(decodeEventCursor(event.cursor).rev);
    // A change comes after the message itself.
    expect(shown.has(event.seq)).toBe(true);
    shown.set(event.seq, row.entry);
  };
  return { shown, show, rows };
}

test.concurrent.each(upTo(10))('seed %i', async (seed) => {
  const faults = { drop: 0.15, repeat: 0.1, unconfirmed: 0.05, delayMs: 6 };
  const all = installation({ seed, faults, bounds: { chunk: 5 }, timings: { routineMs: 150 } });
  all.messages.delayMs = 2;
  all.changes.delayMs = 2;
  const channelId = all.channel(...upTo(CLIENTS).map((i) => `user${i}`));
  const replicas = [all.replica(), all.replica(), all.replica()];
  const caches = upTo(CLIENTS).map(() => cacheOf(all, channelId));
  const clients = caches.map(({ show }, i) =>
    startClient({
      viewer: all.viewer(`user${i + 1}`),
      live: () => pick(all, replicas).live,
      patience: () => 1 + Math.floor(all.chance() * 60),
      pace: () => (all.chance() < 0.1 ? sleep(all.chance() * 15) : Promise.resolve()),
      show,
    }),
  );
  try {
    await vi.waitFor(() => expect(clients.map((c) => c.cursors.size)).toEqual(clients.map(() => 1)), 5_000);
    const writer = async (n: number): Promise<void> => {
      for (let i = 0; i < STEPS; i += 1) {
        await write(all, pick(all, replicas), channelId, `${n}/${i}`);
        await sleep(all.chance() * 10);
      }
    };
    await Promise.all(upTo(WRITERS).map(writer));
    for (const { shown, rows } of caches) {
      await vi.waitFor(() => expect([...shown.values()]).toEqual(rows().map((row) => row.entry)), {
        timeout: 10_000,
        interval: 20,
      });
    }
    for (const client of clients) {
      const places = (client.told.get(channelId) ?? []).flatMap(({ cursor }) =>
        cursor === null ? [] : [decodeEventCursor(cursor)],
      );
      // Nobody goes back, over all breaks.
      for (const [i, place] of places.entries()) {
        const before = places[i - 1];
        if (before === undefined) continue;
        expect(place.seq).toBeGreaterThanOrEqual(before.seq);
        expect(place.rev).toBeGreaterThanOrEqual(before.rev);
      }
    }
    expect(clients.reduce((sum, client) => sum + client.breaks, 0)).toBeGreaterThan(CLIENTS);
  } finally {
    await Promise.all(clients.map((client) => client.stop()));
    await all.close();
  }
});
