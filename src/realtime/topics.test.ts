import { expect, test, vi } from 'vitest';
import { createInProcessBus } from './in-process/bus.ts';
import { Topics } from './topics.ts';

const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 10_000, interval: 2 });

test('one subscription for any number of listeners, left some time after the last of them', async () => {
  const bus = createInProcessBus();
  const topics = new Topics(bus, 20);
  const heard: string[] = [];
  const first = topics.join('t', () => heard.push('first'));
  const second = topics.join('t', () => heard.push('second'));
  expect(bus.topics()).toBe(1);
  await bus.publish('t', 1);
  await until(() => expect(heard).toEqual(['first', 'second']));
  first.leave();
  await bus.publish('t', 1);
  await until(() => expect(heard).toEqual(['first', 'second', 'second']));
  second.leave();
  expect(bus.topics()).toBe(1);
  await until(() => expect(bus.topics()).toBe(0));
  expect(topics.size).toBe(0);
});

test('a topic joined again while it lingers is kept; leaving twice counts once', async () => {
  const bus = createInProcessBus();
  const topics = new Topics(bus, 20);
  const before = topics.join('t', () => undefined);
  before.leave();
  const heard: unknown[] = [];
  const again = topics.join('t', (payload) => heard.push(payload));
  before.leave();
  await new Promise((resolve) => setTimeout(resolve, 60));
  await bus.publish('t', 'still here');
  await until(() => expect(heard).toEqual(['still here']));
  again.leave();
  again.leave();
  topics.close();
  expect(bus.topics()).toBe(0);
});
