/**
 * Replicas of the domain for tests: any number over the same relational stores and the same logs, which are kept in
 * memory. Each has logs of its own above the stores, as replicas do, and each can be cut off from them.
 */
import { createChangeLog } from '../changes/change-log.ts';
import type { MemoryLogs } from '../changes/testing/memory-projections.ts';
import type { ChannelStores } from '../channels/testing/channels.ts';
import { type Chat, createChat, type Ports } from '../chat.ts';
import { systemClock } from '../clock.ts';
import { createLog } from '../log/create-log.ts';
import type { ChangeEntry, MessageEntry } from '../log/entries.ts';
import type { Log } from '../log/log.ts';
import { silentLogger } from '../logger.ts';
import type { Viewer } from '../viewer.ts';
import { noConnections } from './connections.ts';
import { CallCounter } from './count-calls.ts';
import { oneEndpoint } from './endpoints.ts';
import { type Outage, outageOf } from './outage.ts';
import { noPresence, nothingRetained } from './presence.ts';
import { type RecordedPublisher, recordingPublisher, scriptedLive } from './recorder.ts';

export interface Replica {
  readonly chat: Chat;
  readonly ports: Ports;
  /** Away: its calls fail as those of a store that does not answer. */
  readonly messages: Outage<Log<MessageEntry>>;
  readonly changes: Outage<Log<ChangeEntry>>;
  readonly told: RecordedPublisher['told'];
  /** Calls of the relational stores and of the message log's store. */
  readonly calls: CallCounter;
  close(): Promise<void>;
}

export function startReplica(stores: ChannelStores, logs: MemoryLogs): Replica {
  const publisher = recordingPublisher();
  const calls = new CallCounter();
  const clock = systemClock;
  const logger = silentLogger;
  const messageStore = calls.watch('messageStore', logs.messages);
  const { messagesAppended, changesAppended } = publisher;
  const messages = outageOf(
    createLog({ store: messageStore, clock, logger, onAppended: messagesAppended }),
    'message store',
  );
  const changes = outageOf(
    createChangeLog({ ...logs, clock, logger, onAppended: changesAppended }),
    'message store',
  );
  const ports: Ports = {
    organizations: stores.organizations,
    users: calls.watch('users', stores.users),
    channels: calls.watch('channels', stores.channels),
    memberships: calls.watch('memberships', stores.memberships),
    outbox: stores.outbox,
    notifications: calls.watch('notifications', stores.notifications),
    messages: messages.port,
    changes: changes.port,
    projections: logs.projections,
    publisher,
    live: scriptedLive(),
    connections: noConnections,
    endpoints: oneEndpoint,
    presence: noPresence,
    retained: nothingRetained,
    clock,
    logger,
  };
  const chat = createChat(ports, { sweepMs: 3_600_000 });
  return {
    chat,
    ports,
    messages,
    changes,
    told: publisher.told,
    calls,
    async close() {
      messages.isAway = false;
      changes.isAway = false;
      await chat.close();
      await Promise.all([messages.port.close(), changes.port.close()]);
    },
  };
}

/** Someone of an organization, as a verified token would say. */
export const viewerOf = (organizationId: string, userId: string, isAdmin = false): Viewer => ({
  tenant: { organizationId, slug: 'test', cell: 'default', epoch: 1 },
  userId,
  handle: userId,
  isAdmin,
  expiresAt: Number.MAX_SAFE_INTEGER,
});
