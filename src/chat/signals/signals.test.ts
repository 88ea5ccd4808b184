/** Who may tell what, and how often. */
import { beforeEach, describe, expect, test } from 'vitest';
import { type OnMemory, onMemory } from '../messages/testing/on-memory.ts';
import type { RecordedPublisher } from '../testing/recorder.ts';
import type { Viewer } from '../viewer.ts';
import { createSignals, type SignalInput, type Signals } from './signals.ts';

let world: OnMemory;
let signals: Signals;
let ada: Viewer;
let kept: unknown[];
let time: number;

beforeEach(() => {
  world = onMemory();
  kept = [];
  time = 0;
  const retained = { retain: async (...what: unknown[]) => kept.push(what) > 0 };
  signals = createSignals({ ...world.ports, retained }, () => time);
  ada = world.person('ada', { role: 'MEMBER' });
});

const told = () =>
  (world.ports.publisher as RecordedPublisher).told.map(({ method, what }) => ({ method, what }));
const channel = () => ({ organizationId: ada.tenant.organizationId, channelId: world.channelId });
const send = (viewer: Viewer, over: Partial<SignalInput> = {}): Promise<boolean> =>
  signals.send(viewer, {
    channelId: world.channelId,
    name: 'move',
    payload: { x: 1 },
    key: null,
    isRetained: false,
    ...over,
  });
const code = (code: string) => expect.objectContaining({ code });

test('a signal is told as it came, with when it was sent', async () => {
  expect(await send(ada, { key: 'k' })).toBe(true);
  const signal = { userId: ada.userId, name: 'move', payload: { x: 1 }, key: 'k', sentAt: world.now };
  expect(told()).toEqual([{ method: 'signal', what: { channel: channel(), signal } }]);
  expect(kept).toEqual([]);
});

test('one for later is kept before it is told', async () => {
  let toldWhenKept = -1;
  const retained = {
    retain: async () => {
      toldWhenKept = told().length;
      return true;
    },
  };
  signals = createSignals({ ...world.ports, retained }, () => time);
  expect(await send(ada, { isRetained: true })).toBe(true);
  expect(toldWhenKept).toBe(0);
  expect(told()).toHaveLength(1);
});

test('one that the channel drops was not accepted', async () => {
  const publisher = { ...world.ports.publisher, signal: () => false };
  signals = createSignals({ ...world.ports, publisher, retained: { retain: async () => true } }, () => time);
  expect(await send(ada)).toBe(false);
});

test('one that could not be kept is told, and was not accepted', async () => {
  signals = createSignals({ ...world.ports, retained: { retain: async () => false } }, () => time);
  expect(await send(ada, { isRetained: true })).toBe(false);
  expect(await send(ada)).toBe(true);
  expect(told()).toHaveLength(2);
});

test('typing that not everybody can be told of was not accepted', async () => {
  const accepted = () => signals.typing(ada, world.channelId);
  expect(await accepted()).toBe(true);
  const publisher = { ...world.ports.publisher, typing: () => false };
  signals = createSignals({ ...world.ports, publisher, retained: { retain: async () => true } }, () => time);
  expect(await accepted()).toBe(false);
  time += 1_000;
  expect(await accepted()).toBe(true);
});

describe('who may', () => {
  test('members alone', async () => {
    const reader = world.person('reader');
    for (const attempt of [() => signals.typing(reader, world.channelId), () => send(reader)]) {
      await expect(attempt()).rejects.toEqual(code('FORBIDDEN'));
    }
    world.channel = { ...world.channel, visibility: 'PRIVATE' };
    for (const attempt of [() => signals.typing(reader, world.channelId), () => send(reader)]) {
      await expect(attempt()).rejects.toEqual(code('NOT_FOUND'));
    }
    const stranger = { ...ada, tenant: { ...ada.tenant, organizationId: 'other' } };
    await expect(send(stranger)).rejects.toEqual(code('NOT_FOUND'));
    await expect(send(ada, { channelId: ada.userId })).rejects.toEqual(code('NOT_FOUND'));
    expect(told()).toEqual([]);
  });

  test('nobody in an archived channel', async () => {
    world.channel = { ...world.channel, archivedAt: new Date() };
    await expect(signals.typing(ada, world.channelId)).rejects.toEqual(code('FORBIDDEN'));
    await expect(send(ada, { isRetained: true })).rejects.toEqual(code('FORBIDDEN'));
    expect(kept).toEqual([]);
    expect(told()).toEqual([]);
  });
});

describe('what is too large', () => {
  const text = (bytes: number) => ({ t: 'x'.repeat(bytes - '{"t":""}'.length) });

  test('a payload over 4 KiB as JSON, in bytes', async () => {
    expect(await send(ada, { payload: text(4_096) })).toBe(true);
    for (const payload of [text(4_097), { t: '€'.repeat(1_400) }]) {
      await expect(send(ada, { payload })).rejects.toEqual(code('BAD_USER_INPUT'));
    }
    expect(await send(ada, { payload: null })).toBe(true);
  });

  test('names and keys that are empty, over 64 code units, or no Unicode', async () => {
    expect(await send(ada, { name: '😀'.repeat(32), key: 'k'.repeat(64) })).toBe(true);
    for (const bad of ['', 'x'.repeat(65), '\ud800']) {
      await expect(send(ada, { name: bad })).rejects.toEqual(code('BAD_USER_INPUT'));
      await expect(send(ada, { key: bad })).rejects.toEqual(code('BAD_USER_INPUT'));
    }
  });
});

describe('how often', () => {
  test('100 signals a second of a sender, over all their channels; the next says when to come back', async () => {
    for (let i = 0; i < 100; i += 1) await send(ada);
    await expect(send(ada)).rejects.toEqual(
      expect.objectContaining({ code: 'RATE_LIMITED', retryAfterMs: 10 }),
    );
    await send(world.person('alan', { role: 'MEMBER' }));
    expect(told()).toHaveLength(101);
    time += 10;
    await send(ada);
    time += 1_000;
    for (let i = 0; i < 100; i += 1) await send(ada);
    expect(told()).toHaveLength(202);
  });

  test('typing is passed on once in 3 s for each person, silently', async () => {
    const alan = world.person('alan', { role: 'MEMBER' });
    for (let i = 0; i < 5; i += 1) await signals.typing(ada, world.channelId);
    await signals.typing(alan, world.channelId);
    const typing = ({ userId }: Viewer) => ({ method: 'typing', what: { channel: channel(), userId } });
    expect(told()).toEqual([typing(ada), typing(alan)]);
    time += 2_999;
    await signals.typing(ada, world.channelId);
    expect(told()).toHaveLength(2);
    time += 1;
    await signals.typing(ada, world.channelId);
    expect(told()).toHaveLength(3);
  });
});
