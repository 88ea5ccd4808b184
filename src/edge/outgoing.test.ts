import { expect, test, vi } from 'vitest';
import { alwaysOpen } from '../chat/live/port.ts';
import { Flusher } from './flusher.ts';
import { tailOf, textFrame } from './frame.ts';
import { Outgoing, type Raw } from './outgoing.ts';
import { rendered, testGate } from './testing/scripted-operations.ts';

/** A socket whose system takes nothing while it is full. */
class FakeRaw implements Raw {
  isOpen = true;
  waitingBytes = 0;
  isFull = false;
  readonly writes: string[] = [];
  #listeners: (() => void)[] = [];

  write(frames: string): void {
    this.writes.push(frames);
    if (this.isFull) this.waitingBytes += frames.length;
  }

  whenWritten(listener: () => void): void {
    this.#listeners.push(listener);
  }

  drain(): void {
    this.isFull = false;
    this.waitingBytes = 0;
    const listeners = this.#listeners;
    this.#listeners = [];
    for (const listener of listeners) listener();
  }
}

const tick = () => new Promise((resolve) => setImmediate(resolve));

function stalled() {
  const raw = new FakeRaw();
  const outgoing = new Outgoing(raw, new Flusher(alwaysOpen));
  const source = { tail: tailOf('a'), roomMade: vi.fn() };
  return { raw, outgoing, source };
}

test('what comes within a tick goes out in one write: answers, and events in their order', async () => {
  const { raw, outgoing, source } = stalled();
  outgoing.event(rendered('one'), source, 'c');
  outgoing.answer('pong');
  outgoing.event(rendered('two'), source, null);
  expect(raw.writes).toEqual([]);
  await tick();
  expect(raw.writes).toEqual([
    textFrame('pong') +
      textFrame('{"type":"next","payload":{"data":{"text":"one"}},"id":"a"}') +
      textFrame('{"type":"next","payload":{"data":{"text":"two"}},"id":"a"}'),
  ]);
});

test('a stalled socket is handed nothing more, has no room, and takes all that waits when it has drained', async () => {
  const { raw, outgoing, source } = stalled();
  raw.isFull = true;
  outgoing.event(rendered('handed'), source, 'c');
  expect(outgoing.hasRoomFor(source)).toBe(true);
  await tick();
  expect(outgoing.hasRoomFor(source)).toBe(false);
  outgoing.event(rendered('waits'), source, 'c');
  outgoing.answer('x'.repeat(100_000));
  outgoing.answer('small');
  await tick();
  expect(raw.writes).toHaveLength(1);
  expect(outgoing.answerBytes).toBeGreaterThan(100_000);
  expect(source.roomMade).not.toHaveBeenCalled();
  raw.drain();
  expect(raw.writes).toHaveLength(2);
  expect(raw.writes[1]).toContain('waits');
  expect(outgoing.answerBytes).toBe(0);
  expect(source.roomMade).toHaveBeenCalledTimes(1);
});

test('a group is bounded, whoever fills it', () => {
  const { outgoing, source } = stalled();
  let written = 0;
  while (outgoing.hasRoomFor(source)) {
    outgoing.event(rendered('x'.repeat(1_000)), source, 'c');
    written += 1;
  }
  expect(written).toBeGreaterThan(20);
  expect(outgoing.waitingBytes).toBeLessThan(34 * 1024);
});

test('a large answer goes at once', () => {
  const { raw, outgoing } = stalled();
  outgoing.answer('x'.repeat(100_000));
  expect(raw.writes).toHaveLength(1);
});

test('nothing is written to a socket that the client has closed', async () => {
  const { raw, outgoing, source } = stalled();
  outgoing.event(rendered('late'), source, 'c');
  raw.isOpen = false;
  await tick();
  outgoing.finish(true);
  expect(raw.writes).toEqual([]);
  expect(outgoing.waitingBytes).toBe(0);
});

test('a source that is over is told of no room, and keeps none for itself', async () => {
  const { raw, outgoing, source } = stalled();
  const other = { tail: tailOf('b'), roomMade: vi.fn() };
  raw.isFull = true;
  outgoing.event(rendered('handed'), source, 'c');
  await tick();
  for (const one of [source, other]) expect(outgoing.hasRoomFor(one)).toBe(false);
  outgoing.event(rendered('waits'), source, 'c');
  outgoing.forget(source);
  expect(outgoing.waitingBytes).toBe(raw.waitingBytes);
  raw.drain();
  expect(raw.writes.join('')).not.toContain('waits');
  expect(other.roomMade).toHaveBeenCalledOnce();
  expect(source.roomMade).not.toHaveBeenCalled();
});

test('a socket that is over is not told when the gate opens', () => {
  const gate = testGate();
  const raw = new FakeRaw();
  const outgoing = new Outgoing(raw, new Flusher(gate));
  const source = { tail: tailOf('a'), roomMade: vi.fn() };
  gate.close();
  expect(outgoing.hasRoomFor(source)).toBe(false);
  outgoing.finish(false);
  const flushed = vi.spyOn(outgoing, 'flush');
  gate.open();
  expect(flushed).not.toHaveBeenCalled();
});
