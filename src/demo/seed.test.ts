/** On the real embedded stores: what a second start finds is what the first one left. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createChangeLog } from '../chat/changes/change-log.ts';
import { type Chat, createChat } from '../chat/chat.ts';
import { systemClock } from '../chat/clock.ts';
import { createLog } from '../chat/log/create-log.ts';
import { silentLogger } from '../chat/logger.ts';
import { contentNow } from '../chat/messages/content.ts';
import { reactionsOf } from '../chat/messages/reaction.ts';
import { noConnections } from '../chat/testing/connections.ts';
import { oneEndpoint } from '../chat/testing/endpoints.ts';
import { noPresence, nothingRetained } from '../chat/testing/presence.ts';
import type { Viewer } from '../chat/viewer.ts';
import { openRelational, type Relational } from '../stores/relational/open.ts';
import { openSqliteLogs } from '../stores/sqlite/open.ts';
import { demoChannels } from './script.ts';
import { seedDemo } from './seed.ts';

const closing = new AsyncDisposableStack();
let relational: Relational;
let chat: Chat;

beforeAll(async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'backscroll-demo-'));
  closing.defer(() => rm(dataDir, { recursive: true }));
  relational = await openRelational({ kind: 'pglite', dataDir }, silentLogger);
  closing.defer(() => relational.close());
  await relational.migrate();
  const logs = await openSqliteLogs({ dataDir });
  closing.defer(() => logs.close());
  const common = { clock: systemClock, logger: silentLogger, onAppended: () => undefined };
  const nobody = () => Promise.reject(new Error('nobody is live here'));
  chat = createChat({
    ...relational,
    messages: createLog({ ...common, store: logs.messages }),
    changes: createChangeLog({ ...common, ...logs }),
    projections: logs.projections,
    publisher: {
      messagesAppended: () => undefined,
      changesAppended: () => undefined,
      threadMoved: () => undefined,
      typing: () => true,
      signal: () => true,
      notified: () => undefined,
      membershipChanged: () => undefined,
      revoke: async () => undefined,
    },
    live: { events: nobody, channelEvents: nobody },
    connections: noConnections,
    endpoints: oneEndpoint,
    presence: noPresence,
    retained: nothingRetained,
    clock: systemClock,
    logger: silentLogger,
  });
  closing.defer(() => chat.close());
}, 120_000);
afterAll(() => closing.disposeAsync());

const seed = (through: Chat = chat) => seedDemo({ ...relational, chat: through, clock: systemClock });

/** Heads of the channels of the script, as Ada sees them. */
async function heads(): Promise<(number | undefined)[]> {
  const organization = await relational.organizations.bySlug('demo');
  if (organization === null) throw new Error('there is no demo');
  const { id: organizationId, slug, cell, epoch } = organization;
  const user = await relational.users.bySubject(organizationId, 'ada');
  const tenant = { organizationId, slug, cell, epoch };
  const ada: Viewer = { tenant, userId: user?.id ?? '', handle: 'ada', isAdmin: false, expiresAt: 0 };
  return Promise.all(
    demoChannels.map(async ({ handle }) => {
      const id = await chat.channels.idOfHandle(ada, handle);
      return id === null ? undefined : (await chat.messages.heads(ada, [id]))[0];
    }),
  );
}

/** What was done to the messages of #general, one line for each. */
async function changesOfGeneral(): Promise<string[]> {
  const organization = await relational.organizations.bySlug('demo');
  const user = await relational.users.bySubject(organization?.id ?? '', 'ada');
  if (organization === null || user === null) throw new Error('there is no demo');
  const { id: organizationId, slug, cell, epoch } = organization;
  const tenant = { organizationId, slug, cell, epoch };
  const ada: Viewer = { tenant, userId: user.id, handle: 'ada', isAdmin: false, expiresAt: 0 };
  const channelId = (await chat.channels.idOfHandle(ada, 'general')) ?? '';
  const refs = demoChannels[0]?.messages.map((_, i) => ({ channelId, seq: i + 1 })) ?? [];
  const messages = (await chat.messages.byRefs(ada, refs)).filter((message) => message !== null);
  return Promise.all(
    messages.map(async (message) => {
      const { projection } = message.row.entry;
      const reactions = reactionsOf(message).map(({ emoji, summary }) => `${emoji}${summary.count}`);
      const [replies = 0] =
        projection?.threadId === undefined ? [] : await chat.messages.heads(ada, [projection.threadId]);
      return [
        contentNow(message.row.entry).text.slice(0, 10),
        ...(projection?.edited === undefined ? [] : ['edited']),
        ...(projection?.pinnedAt === undefined ? [] : ['pinned']),
        ...reactions,
        ...(replies === 0 ? [] : [`${replies} replies`]),
      ].join(' ');
    }),
  );
}
const complete = demoChannels.map(({ messages }) => messages.length);

test('a start that was cut short is completed by the next, and a third adds nothing', {
  timeout: 60_000,
}, async () => {
  let left = 4;
  const breaking: Chat = {
    ...chat,
    messages: {
      ...chat.messages,
      send: async (viewer, input) => {
        if (left-- === 0) throw new Error('the power is out');
        return chat.messages.send(viewer, input);
      },
    },
  };
  await expect(seed(breaking)).rejects.toThrow('power');
  expect(await heads()).toEqual([4, undefined, undefined]);
  await seed();
  expect(await heads()).toEqual(complete);
  await seed();
  expect(await heads()).toEqual(complete);
});

test('two starts at once make one demo', { timeout: 60_000 }, async () => {
  await Promise.all([seed(), seed()]);
  expect(await heads()).toEqual(complete);
});

test('a newcomer finds an edit, a pin, reactions and a thread, each done once, also where a start was cut short', {
  timeout: 60_000,
}, async () => {
  await seed();
  const done = [
    'Welcome! E pinned',
    'Good morni',
    '@ada can i',
    'It can los ♟️2 😂1',
    'The landin edited 🚀4',
    'Found the  🦋2 :applause:1 3 replies',
    'So what do',
  ];
  expect(await changesOfGeneral()).toEqual(done);
  await seed();
  expect(await changesOfGeneral()).toEqual(done);
});
