/** A replica as a whole, domain and live events, over stores and a network that several of them share. */
import { createChangeLog } from '../../chat/changes/change-log.ts';
import type { MemoryLogs } from '../../chat/changes/testing/memory-projections.ts';
import type { ChannelStores } from '../../chat/channels/testing/channels.ts';
import { type Chat, createChat } from '../../chat/chat.ts';
import { systemClock } from '../../chat/clock.ts';
import { createLog } from '../../chat/log/create-log.ts';
import { silentLogger } from '../../chat/logger.ts';
import { noConnections } from '../../chat/testing/connections.ts';
import { oneEndpoint } from '../../chat/testing/endpoints.ts';
import { noPresence, nothingRetained } from '../../chat/testing/presence.ts';
import { createLive } from '../live.ts';
import type { Live } from '../live-parts.ts';
import { createPublisher, type LivePublisher } from '../publisher.ts';
import { fakeEpochs } from './fake-epochs.ts';
import type { Network, TestBus } from './lossy-bus.ts';
import { quick } from './replicas.ts';

export interface WholeReplica {
  readonly chat: Chat;
  readonly live: Live;
  readonly publisher: LivePublisher;
  readonly bus: TestBus;
  close(): Promise<void>;
}

export function startWholeReplica(
  replicaId: string,
  stores: ChannelStores,
  logs: MemoryLogs,
  network: Network,
): WholeReplica {
  const bus = network.bus();
  const common = { clock: systemClock, logger: silentLogger };
  const publisher = createPublisher({ ...common, bus, replicaId, timings: quick });
  const messages = createLog({ ...common, store: logs.messages, onAppended: publisher.messagesAppended });
  const changes = createChangeLog({ ...common, ...logs, onAppended: publisher.changesAppended });
  const kept = { ...stores, ...common, messages, changes };
  const live = createLive({
    ...kept,
    bus,
    publisher,
    epochs: fakeEpochs(),
    replicaId,
    isEdge: true,
    timings: quick,
  });
  const chat = createChat(
    {
      ...kept,
      projections: logs.projections,
      publisher,
      live,
      connections: noConnections,
      endpoints: oneEndpoint,
      presence: noPresence,
      retained: nothingRetained,
    },
    { sweepMs: 3_600_000 },
  );
  return {
    chat,
    live,
    publisher,
    bus,
    async close() {
      await chat.close();
      await live.close();
      await Promise.all([messages.close(), changes.close()]);
      await publisher.close();
      await bus.close();
    },
  };
}
