/**
 * The domain, put together: what resolvers may call. It is given its ports and names no adapter; src/app.ts
 * chooses those.
 */
import { startActivityNotes } from './channels/activity.ts';
import { type Channels, createChannels } from './channels/channels.ts';
import type { Connections } from './connections/port.ts';
import type { Endpoints } from './endpoints/port.ts';
import type { LiveEvents } from './live/port.ts';
import { createAdvanceQueue } from './memberships/advance-queue.ts';
import { createMemberships, type Memberships } from './memberships/memberships.ts';
import { createMessages, type Messages } from './messages/messages.ts';
import { Alerts } from './notifications/alerts.ts';
import { createFanOut } from './notifications/fan-out.ts';
import { createNotifications, type Notifications } from './notifications/notifications.ts';
import { Recounts } from './notifications/recounts.ts';
import { startNotificationSweeper } from './notifications/sweeper.ts';
import { startSweeper } from './outbox/sweeper.ts';
import { createPeople, type People } from './people/people.ts';
import type { Ports } from './ports.ts';
import { createPresenceService, type PresenceService } from './presence/presence.ts';
import { limitChanges } from './rates/changes.ts';
import { createSignals, type Signals } from './signals/signals.ts';

export type { Ports } from './ports.ts';

export interface Chat {
  readonly people: People;
  readonly channels: Channels;
  readonly memberships: Memberships;
  readonly messages: Messages;
  readonly notifications: Notifications;
  readonly live: LiveEvents;
  readonly connections: Connections;
  readonly endpoints: Endpoints;
  readonly presence: PresenceService;
  readonly signals: Signals;
  /** Writes what was only noted (checkpoints, activity) and stops the timers; before the stores are closed. */
  close(): Promise<void>;
}

/**
 * Starts the domain's timers (sweepers, activity notes): whoever makes it must close it.
 * @param options.sweepMs between two looks for people who were not told: tests that count calls take long.
 */
export function createChat(ports: Ports, { sweepMs }: { readonly sweepMs?: number } = {}): Chat {
  const advances = createAdvanceQueue({
    memberships: ports.memberships,
    logger: ports.logger,
    onMoved: ({ organizationId, userId, channelId, id }) =>
      ports.publisher.membershipChanged({
        organizationId,
        userId,
        channelId,
        membershipId: id,
        isNew: false,
      }),
  });
  const activity = startActivityNotes(ports.channels, ports.logger);
  const sweeper = startSweeper(ports);
  const alerts = new Alerts(ports);
  const fanOut = createFanOut({ ...ports, alerts });
  const recounts = new Recounts({ ...ports, fanOut });
  const untold = startNotificationSweeper(
    { ...ports, fanOut, recounts },
    sweepMs === undefined ? {} : { everyMs: sweepMs },
  );
  const changing = {
    people: createPeople(ports),
    channels: createChannels(ports, advances),
    memberships: createMemberships(ports, advances, activity),
    messages: createMessages(ports, { advances, activity, fanOut, recounts }),
  };
  return {
    ...(ports.rates === undefined ? changing : limitChanges(changing, ports.rates)),
    notifications: createNotifications(ports, fanOut),
    live: ports.live,
    connections: ports.connections,
    endpoints: ports.endpoints,
    presence: createPresenceService(ports),
    signals: createSignals(ports),
    async close() {
      await Promise.all([sweeper.close(), activity.close(), advances.close(), untold.close()]);
      await recounts.close();
      await fanOut.close();
      await alerts.close();
    },
  };
}
