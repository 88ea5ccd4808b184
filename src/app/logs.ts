/** The logs of messages and of changes, over the cells: each tells the publisher what it has saved. */
import { createChangeLog } from '../chat/changes/change-log.ts';
import type { Clock } from '../chat/clock.ts';
import type { EpochWatch } from '../chat/epoch/watch.ts';
import { createLog } from '../chat/log/create-log.ts';
import type { ChangeEntry, MessageEntry } from '../chat/log/entries.ts';
import type { Log } from '../chat/log/log.ts';
import type { Logger } from '../chat/logger.ts';
import { createAppointments } from '../realtime/appointments.ts';
import type { Bus } from '../realtime/bus.ts';
import type { LivePublisher } from '../realtime/publisher.ts';
import type { LogStores } from './cells.ts';

export interface LogsPorts {
  readonly stores: Pick<LogStores, 'messages' | 'changes' | 'projections'>;
  readonly bus: Bus;
  readonly publisher: LivePublisher;
  /** After a restore nothing counts that was known of a log's end. */
  readonly epochs: Pick<EpochWatch, 'onRaised'>;
  readonly replicaId: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface OpenedLogs {
  readonly messages: Log<MessageEntry>;
  readonly changes: Log<ChangeEntry>;
  close(): Promise<void>;
}

/** Whoever opens them closes them, before the stores. */
export function openLogs({
  stores,
  bus,
  publisher,
  epochs,
  replicaId,
  clock,
  logger,
}: LogsPorts): OpenedLogs {
  const appointments = createAppointments({ bus, replicaId, replicas: () => publisher.heard(), logger });
  const messages = createLog({
    store: stores.messages,
    clock,
    appointed: appointments,
    logger,
    onAppended: (channel, rows) => publisher.messagesAppended(channel, rows),
    onUncertain: (channel) => publisher.uncertain(channel),
  });
  appointments.serve(messages);
  const changes = createChangeLog({
    changes: stores.changes,
    messages: stores.messages,
    projections: stores.projections,
    clock,
    logger,
    onAppended: (channel, rows) => publisher.changesAppended(channel, rows),
    onUncertain: (channel) => publisher.uncertain(channel),
  });
  const stopListening = epochs.onRaised(() => {
    messages.forgetHeads();
    changes.forgetHeads();
  });
  return {
    messages,
    changes,
    close: async () => {
      stopListening();
      await changes.close();
      await messages.close();
      await appointments.close();
    },
  };
}
