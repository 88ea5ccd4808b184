/** Shuts a person out of an organization, on every server that runs, before it returns. */
import { randomUUID } from 'node:crypto';
import { systemClock } from '../chat/clock.ts';
import type { User } from '../chat/people/port.ts';
import type { Config } from '../config/config.ts';
import { Revocations } from '../realtime/revocations.ts';
import { defaultTimings } from '../realtime/timings.ts';
import { within } from '../realtime/wait.ts';
import type { Relational } from '../stores/relational/open.ts';
import { openBus } from './bus.ts';
import { withPeople } from './people.ts';
import type { StoreOptions } from './stores.ts';

/** How long to wait for Redis. Without it servers find out in Postgres, some seconds later. */
const JOIN_MS = 1_000;

/**
 * Returns when no server has a socket of theirs open, nor lets one in: within a second or so, and some ten where a
 * server does not answer. Safe to repeat. Null when the organization has no such handle.
 * Throws FolderInUse while a server holds the embedded stores.
 */
export function shutOutPerson(
  config: Config,
  options: StoreOptions,
  { organization, handle }: { readonly organization: string; readonly handle: string },
): Promise<User | 'NO_ORGANIZATION' | null> {
  return withPeople(config, options, async (relational) => {
    const found = await relational.organizations.bySlug(organization);
    if (found === null) return 'NO_ORGANIZATION';
    const user = await relational.users.deactivate(found.id, handle);
    // Embedded stores are open in one process only, and that is this one.
    if (user !== null && config.stores.database.kind === 'postgres') {
      await tell(config, options, relational, user);
    }
    return user;
  });
}

async function tell(
  config: Config,
  { logger }: StoreOptions,
  relational: Relational,
  { organizationId, id }: User,
): Promise<void> {
  await using opened = new AsyncDisposableStack();
  const { bus, ephemeral } = await openBus(config, relational, { clock: systemClock, logger });
  opened.defer(() => bus.close());
  opened.defer(() => ephemeral.close());
  const revocations = new Revocations({
    bus,
    replicaId: randomUUID(),
    leases: relational.leases,
    clock: systemClock,
    timings: defaultTimings,
    logger,
  });
  opened.defer(() => revocations.close());
  await within(JOIN_MS, revocations.joined, new AbortController().signal);
  await revocations.revoke({
    organizationId,
    userId: id,
    channelId: null,
    membershipId: null,
    // A repeat has no new number: every server carries it out once more.
    membershipRev: null,
    reason: 'DEACTIVATED',
    mayStillRead: false,
  });
}
