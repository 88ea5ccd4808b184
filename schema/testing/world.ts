/**
 * A Backscroll for tests of the API: the real schema, resolvers, domain, logs and embedded stores, with a message
 * store that can be away, a publisher that remembers, and every store call counted.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSourceEventStream, execute, type GraphQLError, parse, validate } from 'graphql';
import { createChangeLog } from '../../src/chat/changes/change-log.ts';
import { type Chat, createChat, type Ports } from '../../src/chat/chat.ts';
import type { LiveEvent } from '../../src/chat/live/port.ts';
import { createLog } from '../../src/chat/log/create-log.ts';
import type { ChangeEntry, MessageEntry } from '../../src/chat/log/entries.ts';
import type { Log } from '../../src/chat/log/log.ts';
import { silentLogger } from '../../src/chat/logger.ts';
import { noConnections } from '../../src/chat/testing/connections.ts';
import { CallCounter } from '../../src/chat/testing/count-calls.ts';
import { oneEndpoint } from '../../src/chat/testing/endpoints.ts';
import { type Outage, outageOf } from '../../src/chat/testing/outage.ts';
import {
  type RecordedPublisher,
  recordingPublisher,
  type ScriptedLive,
  scriptedLive,
} from '../../src/chat/testing/recorder.ts';
import type { Viewer } from '../../src/chat/viewer.ts';
import { createInProcessBus } from '../../src/realtime/in-process/bus.ts';
import { createInProcessStore } from '../../src/realtime/in-process/ephemeral-store.ts';
import { createPresence, type ReplicaPresence } from '../../src/realtime/presence/presence.ts';
import { Retained } from '../../src/realtime/retained.ts';
import { openRelational, type Relational } from '../../src/stores/relational/open.ts';
import { openSqliteLogs } from '../../src/stores/sqlite/open.ts';
import { createContext } from '../context.ts';
import { maskErrors } from '../errors.ts';
import { schema } from '../index.ts';

/** An answer as a client gets it; data is read freely, as a client without types would. */
export interface Answer {
  // biome-ignore lint/suspicious/noExplicitAny: what a query selects is known to the test that wrote it
  readonly data: any;
  readonly errors: readonly GraphQLError[];
  /** `code` of each error. */
  readonly codes: readonly unknown[];
}

export interface World {
  readonly chat: Chat;
  readonly ports: Ports;
  readonly relational: Relational;
  readonly messages: Outage<Log<MessageEntry>>;
  readonly changes: Outage<Log<ChangeEntry>>;
  readonly projections: Outage<Ports['projections']>;
  readonly published: RecordedPublisher['told'];
  readonly live: ScriptedLive;
  /** Who is connected is said through this, as an edge does. */
  readonly presence: ReplicaPresence;
  readonly calls: CallCounter;
  /** A person of an organization, both made at the first call. */
  person(organization: string, handle: string, given?: { name?: string; isAdmin?: boolean }): Promise<Viewer>;
  run(viewer: Viewer | null, document: string, variables?: Record<string, unknown>): Promise<Answer>;
  /** Every event of a subscription, each executed with a context of its own as transports do. */
  follow(
    viewer: Viewer | null,
    document: string,
    variables: Record<string, unknown>,
    events: readonly LiveEvent[],
  ): Promise<readonly Answer[]>;
  close(): Promise<void>;
}

async function tenantOf(relational: Relational, slug: string): Promise<Viewer['tenant']> {
  const { organizations } = relational;
  const organization =
    (await organizations.create({ slug, name: slug.toUpperCase(), cell: 'default' })) ??
    (await organizations.bySlug(slug));
  if (organization === null) throw new Error(`no organization ${slug}`);
  return { organizationId: organization.id, slug, cell: organization.cell, epoch: organization.epoch };
}

function answerOf(result: Parameters<typeof maskErrors>[0]): Answer {
  const { data, errors = [] } = maskErrors(result);
  // As over a wire: null-prototype objects and Dates become what JSON makes of them.
  return {
    data: JSON.parse(JSON.stringify(data ?? null)),
    errors,
    codes: errors.map((e) => e.extensions.code),
  };
}

export async function openWorld(): Promise<World> {
  const dataDir = await mkdtemp(join(tmpdir(), 'backscroll-api-'));
  const relational = await openRelational({ kind: 'pglite', dataDir }, silentLogger);
  await relational.migrate();
  const calls = new CallCounter();
  const publisher = recordingPublisher();
  const live = scriptedLive();
  const clock = { now: () => Date.now() };
  const stores = await openSqliteLogs({ dataDir });
  const messageStore = calls.watch('messageStore', stores.messages);
  const projectionStore = calls.watch('projections', stores.projections);
  const projections = outageOf<Ports['projections']>(projectionStore, 'message store');
  const messages = outageOf(
    createLog({
      store: messageStore,
      clock,
      onAppended: publisher.messagesAppended,
      logger: silentLogger,
    }),
    'message store',
  );
  const changes = outageOf(
    createChangeLog({
      changes: calls.watch('changeStore', stores.changes),
      messages: messageStore,
      projections: projectionStore,
      clock,
      onAppended: publisher.changesAppended,
      logger: silentLogger,
    }),
    'message store',
  );
  const bus = createInProcessBus();
  const ephemeral = calls.watch('ephemeral', createInProcessStore({ clock }));
  const presence = createPresence({
    bus,
    store: ephemeral,
    replicaId: 'replica',
    logger: silentLogger,
    timings: { graceMs: 50, flushMs: 1, hearMs: 1 },
  });
  const ports: Ports = {
    organizations: calls.watch('organizations', relational.organizations),
    users: calls.watch('users', relational.users),
    channels: calls.watch('channels', relational.channels),
    memberships: calls.watch('memberships', relational.memberships),
    outbox: calls.watch('outbox', relational.outbox),
    notifications: calls.watch('notifications', relational.notifications),
    messages: messages.port,
    changes: changes.port,
    projections: projections.port,
    publisher,
    live,
    connections: noConnections,
    endpoints: oneEndpoint,
    presence,
    retained: new Retained({ store: ephemeral, logger: silentLogger }),
    clock,
    logger: silentLogger,
  };
  const chat = createChat(ports, { sweepMs: 3_600_000 });
  const contextOf = (viewer: Viewer | null) => createContext({ viewer, connectionId: 'connection', chat });

  function check(document: string) {
    const parsed = parse(document);
    return { document: parsed, faults: validate(schema, parsed) };
  }

  return {
    chat,
    ports,
    relational,
    messages,
    changes,
    projections,
    published: publisher.told,
    live,
    presence,
    calls,
    async person(organization, handle, { name = handle, isAdmin = false } = {}) {
      const tenant = await tenantOf(relational, organization);
      const user = await relational.users.provision({
        organizationId: tenant.organizationId,
        subject: handle,
        handle,
        name,
      });
      return { tenant, userId: user.id, handle: user.handle, isAdmin, expiresAt: Number.MAX_SAFE_INTEGER };
    },
    async run(viewer, text, variableValues = {}) {
      const { document, faults } = check(text);
      if (faults.length > 0) return answerOf({ errors: faults });
      return answerOf(await execute({ schema, document, variableValues, contextValue: contextOf(viewer) }));
    },
    async follow(viewer, text, variableValues, events) {
      const { document, faults } = check(text);
      if (faults.length > 0) return [answerOf({ errors: faults })];
      live.script = events;
      const args = { schema, document, variableValues };
      const source = await createSourceEventStream({ ...args, contextValue: contextOf(viewer) });
      if (!(Symbol.asyncIterator in source)) return [answerOf(source)];
      const answers: Answer[] = [];
      for await (const rootValue of source) {
        answers.push(answerOf(await execute({ ...args, rootValue, contextValue: contextOf(viewer) })));
      }
      return answers;
    },
    async close() {
      for (const outage of [messages, changes, projections]) outage.isAway = false;
      await chat.close();
      await presence.close();
      await Promise.all([messages.port.close(), changes.port.close()]);
      await Promise.all([stores.close(), relational.close()]);
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
