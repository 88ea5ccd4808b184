/** Events that come after a long run of writing wait a multiple of what it took, so that more of them share a write. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Flusher } from './flusher.ts';
import { tailOf } from './frame.ts';
import { Outgoing, type Raw } from './outgoing.ts';
import { rendered, testGate } from './testing/scripted-operations.ts';

/** What `performance.now` says; timers go by another clock, which the tests move. */
let now = 0;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate'] });
  now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const tick = () => vi.advanceTimersByTime(0);

/** A socket of which each write takes so long. */
function opened(writeMs: number, gate = testGate(), flusher = new Flusher(gate)) {
  const written: string[] = [];
  const raw = {
    isOpen: true,
    waitingBytes: 0,
    write(frames: string) {
      now += writeMs;
      written.push(frames);
    },
    whenWritten: vi.fn(),
  } satisfies Raw;
  const outgoing = new Outgoing(raw, flusher);
  const source = { tail: tailOf('a'), roomMade: vi.fn() };
  const say = (text: string) => outgoing.event(rendered(text), source, 'c');
  return { gate, flusher, written, outgoing, source, say };
}

test('a short run is followed by the next at once', () => {
  const { written, say } = opened(1);
  say('1');
  tick();
  say('2');
  tick();
  expect(written).toHaveLength(2);
});

test('after a long run what comes waits four times as long as it took, and goes out together', () => {
  const { written, say } = opened(5);
  say('1');
  tick();
  expect(written).toHaveLength(1);
  say('2');
  tick();
  vi.advanceTimersByTime(19);
  say('3');
  expect(written).toHaveLength(1);
  vi.advanceTimersByTime(1);
  expect(written).toHaveLength(2);
  expect(written[1]).toMatch(/2.*3/s);
  // The pause after that one is over before anything comes: nothing waits for it.
  vi.advanceTimersByTime(20);
  say('4');
  tick();
  expect(written).toHaveLength(3);
});

test('however long the last run took, nobody waits for longer than a moment', () => {
  const { written, say } = opened(5_000);
  say('1');
  tick();
  say('2');
  vi.advanceTimersByTime(29);
  expect(written).toHaveLength(1);
  vi.advanceTimersByTime(1);
  expect(written).toHaveLength(2);
});

test('an answer does not wait, and takes the events of its socket along, once', () => {
  const { written, outgoing, say } = opened(10);
  say('1');
  tick();
  say('2');
  outgoing.answer('{"type":"pong"}');
  tick();
  expect(written).toHaveLength(2);
  expect(written[1]).toMatch(/pong.*2/s);
  vi.advanceTimersByTime(100);
  expect(written).toHaveLength(2);
});

test("another socket's answer ends no pause", () => {
  const { gate, flusher, written, say } = opened(10);
  const other = opened(10, gate, flusher);
  say('1');
  tick();
  say('2');
  other.outgoing.answer('{"type":"pong"}');
  tick();
  expect([written.length, other.written.length]).toEqual([1, 1]);
  vi.advanceTimersByTime(30);
  expect(written).toHaveLength(2);
});

test('a full group does not wait', () => {
  const { written, say } = opened(10);
  say('1');
  tick();
  say('x'.repeat(32 * 1024));
  tick();
  expect(written).toHaveLength(2);
});

test('the gate is looked at when the pause ends: what waited is held while it is closed', () => {
  const { gate, written, say } = opened(10);
  say('1');
  tick();
  say('2');
  gate.close();
  vi.advanceTimersByTime(100);
  expect(written).toHaveLength(1);
  gate.open();
  expect(written).toHaveLength(2);
});

test('what is revoked during the pause is never written', () => {
  const { written, outgoing, source, say } = opened(10);
  say('1');
  tick();
  say('2');
  outgoing.drop(source, 'c');
  vi.advanceTimersByTime(100);
  expect(written).toHaveLength(1);
});

test("a subscription's end does not wait, and follows its events", () => {
  const { written, outgoing, say } = opened(10);
  say('1');
  tick();
  say('2');
  outgoing.afterEvents(() => outgoing.answer('{"type":"complete"}'));
  tick();
  vi.advanceTimersByTime(1);
  expect(written.slice(1).join()).toMatch(/2.*complete/s);
});

test('closing leaves no timer behind, nor one to be set', () => {
  for (const hasRun of [true, false]) {
    const { flusher, say } = opened(10);
    say('1');
    if (hasRun) tick();
    flusher.close();
    expect(vi.getTimerCount()).toBe(0);
    say('2');
    tick();
    expect(vi.getTimerCount()).toBe(0);
  }
});
