/**
 * Closes the sockets of a person who was deactivated. Told by the revocation itself, over the bus or with the renewal of
 * this edge's lease, so that nobody has to look for such people.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { closeReasons } from './close-codes.ts';
import type { Extra } from './protocol.ts';

export interface Person {
  readonly organizationId: string;
  readonly userId: string;
}

/** Closes what is open before it returns; resolves when no sign-in from before can add to it. */
export async function shutOut(open: ReadonlyMap<unknown, Extra>, person: Person): Promise<void> {
  close(open, person);
  // Who was found to be allowed in a moment ago is among them by then; whoever is looked up from now on is refused.
  await nextTurn();
  close(open, person);
}

function close(open: ReadonlyMap<unknown, Extra>, { organizationId, userId }: Person): void {
  for (const { socket, sessions } of open.values()) {
    const isTheirs = sessions.viewers.some(
      (viewer) => viewer.userId === userId && viewer.tenant.organizationId === organizationId,
    );
    if (isTheirs) socket.close(closeReasons.unauthorized);
  }
}
