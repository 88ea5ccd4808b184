/** What every ephemeral store must do. An adapter's test calls this with a way to make two ends of one store. */
import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import type { Clock } from '../chat/clock.ts';
import type { Signal } from '../chat/live/port.ts';
import type { EphemeralStore, PresenceEntry, RetainBounds } from './ephemeral-store.ts';

export interface StoreFixture {
  /** Two replicas' ends; the same store twice where there is but one process. */
  readonly ends: (options: {
    readonly clock: Clock;
    readonly bounds: RetainBounds;
  }) => Promise<readonly [EphemeralStore, EphemeralStore]>;
  /** Lets this much of the time go by after which entries lapse. */
  readonly wait: (ms: number) => Promise<void>;
}

const active: PresenceEntry = { presence: 'ACTIVE', isLingering: false };
const away: PresenceEntry = { presence: 'AWAY', isLingering: false };
const hidden: PresenceEntry = { presence: 'OFFLINE', isLingering: true };
const LONG_MS = 60_000;
/** Long enough to be stood by in time on a slow machine. */
const SHORT_MS = 500;

export function ephemeralStoreContract(name: string, { ends, wait }: StoreFixture): void {
  describe(`ephemeral store: ${name}`, () => {
    const opened: EphemeralStore[] = [];
    /** Of the signals; what lapses by itself goes by the store's own time. */
    let now = Date.now();
    const clock: Clock = { now: () => now };
    const open = async (bounds: Partial<RetainBounds> = {}): ReturnType<StoreFixture['ends']> => {
      now = Date.now();
      const all = { signals: 100, bytes: 65_536, lifeMs: 3_600_000, ...bounds };
      const pair = await ends({ clock, bounds: all });
      opened.push(...pair);
      return pair;
    };
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((store) => store.close()));
    });

    describe('presence', () => {
      test('gives what each replica knows of each person, in the order asked', async () => {
        const [a, b] = await open();
        await a.replacePresence(
          'r1',
          new Map([
            ['o:ada', active],
            ['o:alan', hidden],
          ]),
          LONG_MS,
        );
        await b.replacePresence('r2', new Map([['o:ada', away]]), LONG_MS);
        const [nobody, ada, alan] = await b.presence(['o:nobody', 'o:ada', 'o:alan']);
        expect(nobody).toEqual([]);
        expect(ada).toHaveLength(2);
        expect(ada).toEqual(expect.arrayContaining([active, away]));
        expect(alan).toEqual([hidden]);
        expect(await a.presence([])).toEqual([]);
      });

      test('changes some entries, takes some away, and leaves the others', async () => {
        const [a, b] = await open();
        const entries = new Map(['o:1', 'o:2', 'o:3'].map((key) => [key, active]));
        await a.replacePresence('r1', entries, LONG_MS);
        await a.putPresence(
          'r1',
          new Map([
            ['o:1', null],
            ['o:2', away],
            ['o:4', hidden],
          ]),
          LONG_MS,
        );
        expect(await b.presence(['o:1', 'o:2', 'o:3', 'o:4'])).toEqual([[], [away], [active], [hidden]]);
        await a.replacePresence('r1', new Map([['o:2', active]]), LONG_MS);
        expect(await b.presence(['o:1', 'o:2', 'o:3', 'o:4'])).toEqual([[], [active], [], []]);
        await a.replacePresence('r1', new Map(), LONG_MS);
        expect(await b.presence(['o:2'])).toEqual([[]]);
        expect(await a.keepPresence('r1', LONG_MS)).toBe(true);
      });

      test('more people than fit into one command', async () => {
        const [a, b] = await open();
        const names = Array.from({ length: 2_500 }, (_, i) => `o:${i}`);
        await a.replacePresence('r1', new Map(names.slice(0, 2_100).map((key) => [key, active])), LONG_MS);
        await b.replacePresence('r2', new Map([['o:2400', away]]), LONG_MS);
        await a.putPresence('r1', new Map(names.slice(0, 1_500).map((key) => [key, null])), LONG_MS);
        const found = await b.presence(names);
        const expected = names.map((_, i) =>
          i >= 1_500 && i < 2_100 ? [active] : i === 2_400 ? [away] : [],
        );
        expect(found).toEqual(expected);
      });

      test('entries lapse with their replica unless it stands by them', async () => {
        const [a, b] = await open();
        await a.replacePresence('r1', new Map([['o:ada', active]]), LONG_MS);
        await b.replacePresence('r2', new Map([['o:ada', away]]), SHORT_MS);
        expect(await b.keepPresence('r2', LONG_MS)).toBe(true);
        await wait(SHORT_MS * 1.4);
        expect((await a.presence(['o:ada']))[0]).toHaveLength(2);
        expect(await a.keepPresence('r1', SHORT_MS)).toBe(true);
        await wait(SHORT_MS * 1.4);
        expect(await a.presence(['o:ada'])).toEqual([[away]]);
        expect(await a.keepPresence('r1', LONG_MS)).toBe(false);
      });

      test('a replica learns that its entries are not all there', async () => {
        const [a] = await open();
        expect(await a.keepPresence('r1', LONG_MS)).toBe(false);
        // Written after all was lost: one of many.
        await a.putPresence('r1', new Map([['o:ada', active]]), LONG_MS);
        expect(await a.keepPresence('r1', LONG_MS)).toBe(false);
        expect(await a.presence(['o:ada'])).toEqual([[active]]);
        await a.replacePresence('r1', new Map([['o:ada', active]]), LONG_MS);
        expect(await a.keepPresence('r1', LONG_MS)).toBe(true);
      });
    });

    describe('retained signals', () => {
      const key = (channelId = randomUUID()) => ({ organizationId: 'o', channelId });
      const signal = (over: Partial<Signal> = {}): Signal => ({
        userId: 'ada',
        name: 'cursor',
        payload: { x: 1, deep: [{ é: '\u0000😀' }] },
        key: null,
        sentAt: now,
        ...over,
      });

      test('kept of each channel, the oldest first, exactly as sent', async () => {
        const [a, b] = await open();
        const [one, two, empty] = [key(), key(), key()];
        const older = signal({ sentAt: now - 10, name: 'b', payload: null });
        const newer = signal({ sentAt: now - 5, name: 'a' });
        await a.retain(one, newer);
        await b.retain(one, older);
        await b.retain(two, signal({ userId: 'alan', key: 'k' }));
        const foreign = { ...one, organizationId: 'other' };
        expect(await a.retained([empty, one, two, foreign])).toEqual([
          [],
          [older, newer],
          [signal({ userId: 'alan', key: 'k' })],
          [],
        ]);
        expect(await a.retained([])).toEqual([]);
      });

      test('of a sender the newest of a key counts, and the newest of a name where there is no key', async () => {
        const [a, b] = await open();
        const channel = key();
        const at = (sentAt: number, over: Partial<Signal>) => signal({ sentAt: now + sentAt, ...over });
        const kept = [
          at(3, { key: 'k', name: 'last' }),
          at(4, { name: 'k' }),
          at(5, { name: 'other' }),
          at(6, { key: 'k', userId: 'alan' }),
        ] as const;
        await a.retain(channel, at(1, { key: 'k', name: 'first' }));
        await a.retain(channel, kept[0]);
        // Sent before, come after: over another replica.
        await b.retain(channel, at(2, { key: 'k', name: 'late' }));
        await a.retain(channel, at(3, { name: 'k' }));
        for (const one of kept.slice(1)) await b.retain(channel, one);
        expect(await b.retained([channel])).toEqual([kept]);
      });

      test('the oldest go when there are too many or they are too large', async () => {
        const [a] = await open({ signals: 3, bytes: 2_000 });
        const channel = key();
        const numbered = (i: number, size = 10) =>
          signal({ key: `${i}`, sentAt: now + i, payload: { text: 'x'.repeat(size) } });
        for (const i of [1, 2, 3, 4]) await a.retain(channel, numbered(i));
        const keys = async () => (await a.retained([channel]))[0]?.map((one) => one.key);
        expect(await keys()).toEqual(['2', '3', '4']);
        await a.retain(channel, numbered(5, 1_800));
        expect(await keys()).toEqual(['4', '5']);
        // A smaller one in its place makes room again.
        await a.retain(channel, { ...numbered(5), sentAt: now + 6 });
        await a.retain(channel, numbered(7, 1_400));
        expect(await keys()).toEqual(['4', '5', '7']);
        await a.retain(channel, numbered(8, 3_000));
        expect(await keys()).toEqual([]);
        await a.retain(channel, numbered(9));
        expect(await keys()).toEqual(['9']);
      });

      test('each is forgotten after its time, whatever came later', async () => {
        const [a, b] = await open({ lifeMs: 10_000 });
        const channel = key();
        await a.retain(channel, signal({ key: 'first' }));
        now += 6_000;
        await a.retain(channel, signal({ key: 'second' }));
        now += 4_000;
        expect((await b.retained([channel]))[0]?.map((one) => one.key)).toEqual(['second']);
        await b.retain(channel, signal({ key: 'third' }));
        now += 6_000;
        expect((await b.retained([channel]))[0]?.map((one) => one.key)).toEqual(['third']);
      });
    });

    test('once closed it answers nothing', async () => {
      const [a] = await open();
      await a.close();
      await expect(a.presence(['o:ada'])).rejects.toThrow();
      await expect(a.keepPresence('r', LONG_MS)).rejects.toThrow();
      await expect(a.retained([{ organizationId: 'o', channelId: 'c' }])).rejects.toThrow();
    });
  });
}
