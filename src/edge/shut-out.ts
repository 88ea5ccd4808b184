/** Finds people who were deactivated while they are connected, and closes their sockets. One question per organization. */

import type { Logger } from '../chat/logger.ts';
import type { UserStore } from '../chat/people/port.ts';
import { closeReasons } from './close-codes.ts';
import type { Extra } from './protocol.ts';

const EVERY_MS = 10_000;
const IDS_A_QUESTION = 1_000;

export interface ShutOutWatch {
  close(): void;
}

export function watchShutOut(
  open: ReadonlySet<Extra>,
  users: UserStore,
  logger: Logger,
  everyMs = EVERY_MS,
): ShutOutWatch {
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;
  const schedule = () => {
    if (isClosed) return;
    timer = setTimeout(() => {
      sweep(open, users)
        // The database is away: whoever was shut out is found when it is back.
        .catch((error: unknown) =>
          logger.debug({ err: error }, 'could not look for people who were shut out'),
        )
        .finally(schedule);
    }, everyMs);
  };
  schedule();
  return {
    close: () => {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}

async function sweep(open: ReadonlySet<Extra>, users: UserStore): Promise<void> {
  const sockets = new Map<string, Map<string, Extra[]>>();
  for (const extra of open) {
    for (const { tenant, userId } of extra.sessions.viewers) {
      const people = sockets.get(tenant.organizationId) ?? new Map<string, Extra[]>();
      sockets.set(tenant.organizationId, people.set(userId, [...(people.get(userId) ?? []), extra]));
    }
  }
  for (const [organizationId, people] of sockets) {
    const ids = [...people.keys()];
    for (let from = 0; from < ids.length; from += IDS_A_QUESTION) {
      const asked = ids.slice(from, from + IDS_A_QUESTION);
      const found = await users.byIds(organizationId, asked);
      const allowed = new Set(found.filter((user) => user.deactivatedAt === null).map((user) => user.id));
      for (const id of asked) {
        if (allowed.has(id)) continue;
        for (const { socket } of people.get(id) ?? []) socket.close(closeReasons.unauthorized);
      }
    }
  }
}
