/**
 * Making what messages give to people. The channel's row in `notified` is locked for it, so that replicas take turns at a
 * channel and what one of them has told the next passes over: repeating it does no harm, in whatever order.
 */
import {
  MOST_BACK,
  type Notice,
  type NotificationStore,
  type Telling,
  type TellingOutcome,
} from '../../chat/notifications/port.ts';
import { knownUpTo } from '../../chat/notifications/runs.ts';
import type { Database } from './database.ts';
import { insertGroups, insertRows, type Said } from './notification-insertion.ts';
import { beginPlaces, keyOf, lockedPlaces, movePlaces, type Place } from './notified-places.ts';
import { areUuids } from './uuids.ts';

interface Step {
  readonly telling: Telling;
  readonly position: number | null;
  readonly said: readonly Said[];
  /** Told of further than before. */
  readonly isMoved: boolean;
}

function stepOf(telling: Telling, place: Place | undefined): Step {
  if (place === undefined) return { telling, position: null, said: [], isMoved: false };
  const from = Math.max(place.seq, telling.upTo - MOST_BACK);
  if (telling.upTo <= from) return { telling, position: from, said: [], isMoved: false };
  const notices = new Map(
    telling.notices
      .filter(({ seq }) => seq > from && seq <= telling.upTo)
      .map((notice) => [notice.seq, notice]),
  );
  // Elsewhere a message tells people whom it does not name.
  const silent = place.type === 'CHANNEL' ? (telling.silent ?? []) : [];
  if (knownUpTo(from, telling.upTo, notices, silent) < telling.upTo) {
    return { telling, position: from, said: [], isMoved: false };
  }
  const { organizationId, channelId } = telling;
  const said = [...notices.values()]
    .toSorted((a, b) => a.seq - b.seq)
    .map((notice) => ({ organizationId, channelId, notice, type: place.type }));
  return { telling, position: telling.upTo, said, isMoved: true };
}

/** Each channel at most once in a call. */
export function tell(database: Database, tellings: readonly Telling[]): Promise<readonly TellingOutcome[]> {
  const known = tellings.filter((one) => areUuids(one.organizationId, one.channelId));
  if (known.length === 0) return Promise.resolve(tellings.map(() => nothing(null)));
  return database.transaction(async (db) => {
    let places = await lockedPlaces(db, known);
    if (places.size < known.length) {
      await beginPlaces(
        db,
        known.filter((one) => !places.has(keyOf(one))),
      );
      places = await lockedPlaces(db, known);
    }
    const steps = tellings.map((telling) => stepOf(telling, places.get(keyOf(telling))));
    const said = steps.flatMap((step) => step.said);
    const told = await insertRows(db, said);
    const groups = await insertGroups(db, said);
    const moved = steps.filter((step) => step.isMoved);
    if (moved.length > 0) {
      await movePlaces(
        db,
        moved.map(({ telling }) => ({ ...telling, to: telling.upTo })),
      );
    }
    const toldIn = Map.groupBy(told, ({ notification }) => keyOf(notification));
    // In a direct conversation or a thread everybody has a row besides.
    const groupsIn = Map.groupBy(
      groups.filter(({ type }) => type === 'CHANNEL'),
      keyOf,
    );
    return steps.map(({ telling, position }) => ({
      position,
      told: toldIn.get(keyOf(telling)) ?? [],
      groups: (groupsIn.get(keyOf(telling)) ?? []).map(({ notice }) => notice),
    }));
  });
}

const nothing = (position: number | null): TellingOutcome => ({ position, told: [], groups: [] });

export function retell(
  database: Database,
  message: Parameters<NotificationStore['retell']>[0],
  now: Notice | null,
): Promise<boolean> {
  const { organizationId, channelId, seq } = message;
  if (!areUuids(organizationId, channelId)) return Promise.resolve(true);
  return database.transaction(async (db) => {
    const place = (await lockedPlaces(db, [message])).get(keyOf(message));
    if (place === undefined || place.seq < seq) return false;
    for (const table of ['notifications', 'channel_mentions'] as const) {
      await db
        .deleteFrom(table)
        .where('organization_id', '=', organizationId)
        .where('channel_id', '=', channelId)
        .where('seq', '=', String(seq))
        .execute();
    }
    if (now === null) return true;
    const said = [{ organizationId, channelId, notice: now, type: place.type }];
    await insertRows(db, said);
    await insertGroups(db, said);
    return true;
  });
}
