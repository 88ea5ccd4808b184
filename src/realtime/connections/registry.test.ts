import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { HeldConnection } from '../../chat/connections/port.ts';
import { forbidden } from '../../chat/errors.ts';
import { silentLogger } from '../../chat/logger.ts';
import type { Viewer } from '../../chat/viewer.ts';
import { type Bus, NotConfirmed } from '../bus.ts';
import { createInProcessBus } from '../in-process/bus.ts';
import { connectionsTopic } from '../topic-names.ts';
import { createConnectionRegistry, type LiveConnectionRegistry } from './registry.ts';

const ANSWER_MS = 150;
const viewer = (userId: string, organizationId = 'acme'): Viewer => ({
  tenant: { organizationId, slug: organizationId, cell: 'default', epoch: 1 },
  userId,
  handle: userId,
  isAdmin: false,
  expiresAt: 0,
});
const ids = [randomUUID(), randomUUID()] as const;
let bus: Bus;
let here: LiveConnectionRegistry;
let there: LiveConnectionRegistry;
const opened = (replicaId: string) =>
  createConnectionRegistry({ bus, replicaId, logger: silentLogger, answerMs: ANSWER_MS });

beforeEach(() => {
  // As if others were on it.
  bus = { ...createInProcessBus(), isShared: true };
  here = opened(ids[0]);
  there = opened(ids[1]);
});
afterEach(async () => {
  await here.close();
  await there.close();
  await bus.close();
});

/** A connection held by a replica, of Ada of acme. */
function held(registry: LiveConnectionRegistry, renew: HeldConnection['renew']) {
  const connectionId = registry.newId();
  const connection: HeldConnection = { connectionId, expiring: null, renew };
  return { connectionId, letGo: registry.hold(connection) };
}

test('one that another replica holds is renewed there, with the person and the token', async () => {
  const ends = new Date('2026-11-23T16:00:00.123Z');
  const renew = vi.fn(async () => ends);
  const { connectionId } = held(there, renew);
  expect(await here.renew(viewer('ada'), connectionId, 'token')).toEqual(ends);
  expect(renew).toHaveBeenCalledExactlyOnceWith({ organizationId: 'acme', userId: 'ada' }, 'token');
});

test('what the holder refuses is refused with its code and words', async () => {
  const { connectionId } = held(there, () => Promise.reject(forbidden('not yours')));
  await expect(here.renew(viewer('ada'), connectionId, 't')).rejects.toEqual(forbidden('not yours'));
});

test("a holder's fault is told without its words", async () => {
  const { connectionId } = held(there, () => Promise.reject(new Error('select * from secrets')));
  const error = await here.renew(viewer('ada'), connectionId, 't').catch((refused: unknown) => refused);
  expect(error).toMatchObject({ code: 'UNAVAILABLE' });
  expect(String(error)).not.toContain('secrets');
});

test('a holder that is slow says so in time', async () => {
  const { connectionId } = held(there, () => new Promise(() => undefined));
  await expect(here.renew(viewer('ada'), connectionId, 't')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});

test('gone from a replica, of a replica that is gone, and no name at all are the same', async () => {
  const { connectionId, letGo } = held(there, async () => new Date());
  letGo();
  const gone = await here.renew(viewer('ada'), connectionId, 't').catch((error: unknown) => error);
  expect(gone).toMatchObject({ code: 'NOT_FOUND' });
  const others = [
    `${randomUUID()}.${randomUUID()}`,
    `${ids[0]}.${randomUUID()}`,
    randomUUID(),
    '',
    'a.b',
    `${connectionId}.x`,
    `*.${randomUUID()}`,
  ];
  for (const other of others) await expect(here.renew(viewer('ada'), other, 't')).rejects.toEqual(gone);
});

test('with nobody else on the bus nobody is asked', async () => {
  const alone = createConnectionRegistry({
    bus: createInProcessBus(),
    replicaId: randomUUID(),
    logger: silentLogger,
    answerMs: 3_600_000,
  });
  await expect(alone.renew(viewer('ada'), there.newId(), 't')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await alone.close();
});

test('with the bus down it is not taken for gone', async () => {
  bus.publish = () => Promise.reject(new NotConfirmed('down'));
  await expect(here.renew(viewer('ada'), there.newId(), 't')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});

test('closing lets nobody wait', async () => {
  const { connectionId } = held(there, () => new Promise(() => undefined));
  const waiting = here.renew(viewer('ada'), connectionId, 't');
  await here.close();
  await expect(waiting).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});

test('what has another shape is dropped and counted; an answer of another replica is none', async () => {
  const { connectionId } = held(there, () => new Promise(() => undefined));
  const waiting = here.renew(viewer('ada'), connectionId, 't').catch((error: unknown) => error);
  const topic = connectionsTopic(ids[0]);
  for (const word of [
    null,
    'hello',
    { kind: 'RENEWED', from: ids[1], id: '1' },
    { kind: 'REFUSED', id: 1 },
  ]) {
    await bus.publish(topic, word);
  }
  await bus.publish(topic, { kind: 'RENEWED', from: randomUUID(), id: '1', expiresAt: 1 });
  expect(await waiting).toMatchObject({ code: 'UNAVAILABLE' });
  expect(here.rejected).toBe(4);
});

test('nothing of a connection stays when it is let go', () => {
  const { connectionId, letGo } = held(here, async () => new Date());
  const stop = here.follow(connectionId, () => undefined);
  expect(here.size).toBe(1);
  letGo();
  stop();
  expect(here.size).toBe(0);
});
