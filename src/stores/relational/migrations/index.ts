/** All migrations, by name, in order. Add at the end; never edit, rename or remove one that was released. */
import type { Migration } from 'kysely/migration';
import * as start from './0001-start.ts';
import * as installation from './0002-installation.ts';
import * as outboxOrder from './0003-outbox-order.ts';
import * as threads from './0004-threads.ts';
import * as edgeLeases from './0005-edge-leases.ts';
import * as notifications from './0006-notifications.ts';
import * as edgeOffers from './0007-edge-offers.ts';

export const migrations: Readonly<Record<string, Migration>> = {
  '0001-start': start,
  '0002-installation': installation,
  '0003-outbox-order': outboxOrder,
  '0004-threads': threads,
  '0005-edge-leases': edgeLeases,
  '0006-notifications': notifications,
  '0007-edge-offers': edgeOffers,
};
