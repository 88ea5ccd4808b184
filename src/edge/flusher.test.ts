import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Flusher } from './flusher.ts';
import { tailOf } from './frame.ts';
import { Outgoing, type Raw } from './outgoing.ts';
import { rendered, testGate } from './testing/scripted-operations.ts';

// No run of writes takes any time: one that took long, on a busy machine, would pause those after it.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const tick = () => new Promise((resolve) => setImmediate(resolve));

/** A socket whose system takes everything. */
function socketOf(flusher: Flusher) {
  const raw = { isOpen: true, waitingBytes: 0, write: vi.fn(), whenWritten: vi.fn() } satisfies Raw;
  const outgoing = new Outgoing(raw, flusher);
  const source = { tail: tailOf('a'), roomMade: vi.fn() };
  return { raw, outgoing, source, say: (text: string) => outgoing.event(rendered(text), source, 'c') };
}

function flusher() {
  const gate = testGate();
  const isOpen = vi.fn(gate.isOpen);
  return { gate, isOpen, flusher: new Flusher({ isOpen, onOpened: gate.onOpened }) };
}

test('the gate is asked twice a turn, however many sockets are told and however often they are asked for room', async () => {
  const { isOpen, flusher: shared } = flusher();
  const sockets = Array.from({ length: 50 }, () => socketOf(shared));
  for (let turn = 1; turn <= 3; turn += 1) {
    for (const { outgoing, source, say } of sockets) {
      for (let n = 0; n < 3; n += 1) if (outgoing.hasRoomFor(source)) say(`${n}`);
    }
    await tick();
    for (const { raw } of sockets) expect(raw.write).toHaveBeenCalledTimes(turn);
    expect(isOpen).toHaveBeenCalledTimes(2 * turn);
  }
});

test('closed since room was found, as after a pause: nothing is written, and the next turn finds no room', async () => {
  const { gate, flusher: shared } = flusher();
  const { raw, outgoing, source, say } = socketOf(shared);
  expect(outgoing.hasRoomFor(source)).toBe(true);
  gate.close();
  // Perhaps said while this process stood still: read in the same turn, by a look of before.
  expect(outgoing.hasRoomFor(source)).toBe(true);
  say('late');
  await tick();
  expect(raw.write).not.toHaveBeenCalled();
  expect(outgoing.hasRoomFor(source)).toBe(false);
  gate.open();
  expect(raw.write).toHaveBeenCalledTimes(1);
  expect(source.roomMade).toHaveBeenCalledTimes(1);
});

test('room that was found and not used is asked for anew in the next turn', async () => {
  const { gate, flusher: shared } = flusher();
  const { outgoing, source } = socketOf(shared);
  expect(outgoing.hasRoomFor(source)).toBe(true);
  await tick();
  gate.close();
  expect(outgoing.hasRoomFor(source)).toBe(false);
});

test.each([
  [
    'when the system has taken what was stalled',
    ({ raw }: ReturnType<typeof socketOf>) => raw.whenWritten.mock.calls[0]?.[0](),
  ],
  ['when the socket closes in order', ({ outgoing }: ReturnType<typeof socketOf>) => outgoing.finish(true)],
  [
    'with a large answer',
    ({ outgoing }: ReturnType<typeof socketOf>) => outgoing.answer('x'.repeat(100_000)),
  ],
])('closed since the turn began: a write of its own looks for itself, %s', async (when, write) => {
  const { gate, flusher: shared } = flusher();
  const socket = socketOf(shared);
  const { raw, outgoing, source, say } = socket;
  if (when.includes('stalled')) {
    raw.waitingBytes = 1;
    say('handed');
    await tick();
    raw.waitingBytes = 0;
    raw.write.mockClear();
  }
  say('held');
  outgoing.hasRoomFor(source);
  expect(shared.mayTake).toBe(true);
  gate.close();
  write(socket);
  for (const [frames] of raw.write.mock.calls) expect(frames).not.toContain('held');
});

test('what one socket throws is thrown once: the next turn looks anew', async () => {
  const { gate, flusher: shared } = flusher();
  const { source, outgoing } = socketOf(shared);
  gate.close();
  shared.hold({
    due: () => undefined,
    flush: () => {
      throw new Error('broken');
    },
  });
  expect(() => gate.open()).toThrow('broken');
  gate.close();
  expect(shared.mayWrite).toBe(false);
  expect(outgoing.hasRoomFor(source)).toBe(false);
});
