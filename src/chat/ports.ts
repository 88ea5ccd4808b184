/** Everything outside that the domain works with; src/app.ts chooses the adapters behind it. */
import type { ProjectionStore } from './changes/port.ts';
import type { ChannelStore, MembershipStore } from './channels/port.ts';
import type { Clock } from './clock.ts';
import type { Connections } from './connections/port.ts';
import type { Endpoints } from './endpoints/port.ts';
import type { LiveEvents, Publisher } from './live/port.ts';
import type { ChangeEntry, MessageEntry } from './log/entries.ts';
import type { Log } from './log/log.ts';
import type { Logger } from './logger.ts';
import type { NotificationStore } from './notifications/port.ts';
import type { OutboxStore } from './outbox/port.ts';
import type { OrganizationStore, UserStore } from './people/port.ts';
import type { PresencePort } from './presence/port.ts';
import type { Rates } from './rates/rates.ts';
import type { RetainedSignals } from './signals/port.ts';

export interface Ports {
  readonly organizations: OrganizationStore;
  readonly users: UserStore;
  readonly channels: ChannelStore;
  readonly memberships: MembershipStore;
  readonly outbox: OutboxStore;
  readonly notifications: NotificationStore;
  readonly messages: Log<MessageEntry>;
  readonly changes: Log<ChangeEntry>;
  /** What changes come to, beyond what lies with each message. */
  readonly projections: Pick<ProjectionStore, 'reactionRevs' | 'reactors' | 'pins'>;
  /**
   * Cells whose store does not answer now: what runs by itself leaves their organizations alone, so that they stand in
   * nobody's way. None unless given.
   */
  readonly awayCells?: () => readonly string[];
  readonly publisher: Publisher;
  readonly live: LiveEvents;
  readonly connections: Connections;
  readonly endpoints: Endpoints;
  readonly presence: PresencePort;
  readonly retained: RetainedSignals;
  /** How much may be written; left out, any amount. */
  readonly rates?: Rates;
  readonly clock: Clock;
  readonly logger: Logger;
}
