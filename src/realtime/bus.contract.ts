/** What every bus must do, whatever carries it. An adapter's test calls this with a way to make two ends of one bus. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type Bus, NotConfirmed } from './bus.ts';

export interface BusFixture {
  /** Two ends that hear each other; the same bus twice where there is but one process. */
  readonly ends: () => Promise<readonly [Bus, Bus]>;
}

const until = (check: () => void | Promise<void>): Promise<void> =>
  vi.waitFor(check, { timeout: 10_000, interval: 5 });

export function busContract(name: string, { ends }: BusFixture): void {
  describe(`bus: ${name}`, () => {
    const opened: Bus[] = [];
    const open = async (): Promise<readonly [Bus, Bus]> => {
      const pair = await ends();
      opened.push(...pair);
      await until(() => expect(pair.map((bus) => bus.state())).toEqual(['UP', 'UP']));
      return pair;
    };
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((bus) => bus.close()));
    });

    test('carries any JSON to every listener of the topic, in order, and to no other topic', async () => {
      const [a, b] = await open();
      const here: unknown[] = [];
      const there: unknown[] = [];
      const again: unknown[] = [];
      const other: unknown[] = [];
      const joins = [
        a.subscribe('t', (p) => here.push(p)),
        b.subscribe('t', (p) => there.push(p)),
        b.subscribe('t', (p) => again.push(p)),
        b.subscribe('t2', (p) => other.push(p)),
      ];
      await Promise.all(joins.map((s) => s.joined));
      const payloads = [1, 'text', null, true, [1, [2]], { deep: { text: 'é\u0000😀' } }];
      for (const payload of payloads) await a.publish('t', payload);
      await until(() => expect(there).toEqual(payloads));
      await until(() => expect(here).toEqual(payloads));
      await until(() => expect(again).toEqual(payloads));
      expect(other).toEqual([]);
    });

    test('gives each listener a value of its own', async () => {
      const [a, b] = await open();
      const heard: { n: number }[] = [];
      const hear = (payload: unknown): void => {
        const value = payload as { n: number };
        value.n += 1;
        heard.push(value);
      };
      await Promise.all([b.subscribe('t', hear).joined, b.subscribe('t', hear).joined]);
      const sent = { n: 1 };
      await a.publish('t', sent);
      await until(() => expect(heard).toEqual([{ n: 2 }, { n: 2 }]));
      expect(sent).toEqual({ n: 1 });
    });

    test('never tells a listener while publish is on the stack', async () => {
      const [a] = await open();
      let isPublishing = false;
      const during: boolean[] = [];
      await a.subscribe('t', () => during.push(isPublishing)).joined;
      isPublishing = true;
      const done = a.publish('t', 1);
      isPublishing = false;
      await done;
      await until(() => expect(during).toEqual([false]));
    });

    test('tells nobody who has left, and leaves the topic with the last one', async () => {
      const [a, b] = await open();
      const left: unknown[] = [];
      const stayed: unknown[] = [];
      const first = b.subscribe('t', (p) => left.push(p));
      const second = b.subscribe('t', (p) => stayed.push(p));
      await Promise.all([first.joined, second.joined]);
      first.leave();
      first.leave();
      await a.publish('t', 1);
      await until(() => expect(stayed).toEqual([1]));
      expect(left).toEqual([]);
      expect(b.topics()).toBe(1);
      second.leave();
      expect(b.topics()).toBe(0);
    });

    test('a topic left and joined again at once is heard', async () => {
      const [a, b] = await open();
      const heard: unknown[] = [];
      for (let i = 0; i < 20; i += 1) b.subscribe('t', () => heard.push('left')).leave();
      await b.subscribe('t', (p) => heard.push(p)).joined;
      await a.publish('t', 'here');
      await until(() => expect(heard).toEqual(['here']));
    });

    test('a listener that throws harms neither the bus nor the others', async () => {
      const [a, b] = await open();
      const heard: unknown[] = [];
      const bad = b.subscribe('t', () => {
        throw new Error('a bad listener');
      });
      await Promise.all([bad.joined, b.subscribe('t', (p) => heard.push(p)).joined]);
      await a.publish('t', 1);
      await a.publish('t', 2);
      await until(() => expect(heard).toEqual([1, 2]));
    });

    test('once closed it is down, confirms nothing, joins nothing and tells nothing', async () => {
      const [a] = await open();
      const heard: unknown[] = [];
      await a.subscribe('t', (p) => heard.push(p)).joined;
      await a.close();
      await a.close();
      expect(a.state()).toBe('DOWN');
      expect(a.topics()).toBe(0);
      await expect(a.publish('t', 1)).rejects.toBeInstanceOf(NotConfirmed);
      a.subscribe('t', (p) => heard.push(p)).leave();
      expect(a.topics()).toBe(0);
      expect(heard).toEqual([]);
    });
  });
}
