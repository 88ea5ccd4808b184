/** Against a store whose calls take effect some time after they begin and are answered some time after that. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ExactMemory } from './exact-memory.ts';

/** A number for each of three keys; calls wait in one line, as with the worker. */
class SlowStore {
  readonly values = [0, 0, 0];
  readonly #line: { effect(): void; answer(): void }[] = [];
  readonly #done: { answer(): void }[] = [];

  call<T>(effect: () => T): Promise<T> {
    const { promise, resolve } = Promise.withResolvers<T>();
    let result: T;
    this.#line.push({
      effect: () => {
        result = effect();
      },
      answer: () => resolve(result),
    });
    return promise;
  }

  takeEffect(): void {
    const next = this.#line.shift();
    next?.effect();
    if (next) this.#done.push(next);
  }

  answer(): void {
    this.#done.shift()?.answer();
  }

  get isIdle(): boolean {
    return this.#line.length + this.#done.length === 0;
  }
}

const step = fc.oneof(
  fc.record({ do: fc.constant('read' as const), keys: fc.uniqueArray(fc.nat(2), { minLength: 1 }) }),
  fc.record({
    do: fc.constant('write' as const),
    key: fc.nat(2),
    told: fc.constantFrom('value' as const, 'nothing' as const, 'error' as const, 'lost' as const),
  }),
  fc.record({ do: fc.constantFrom('effect' as const, 'answer' as const) }),
);

test('whatever is answered was so at some moment since it was asked', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 60 }),
      fc.integer({ min: 1, max: 4 }),
      async (steps, most) => {
        const store = new SlowStore();
        const memory = new ExactMemory<number>(most);
        /** What each key has been, oldest first. */
        const been: number[][] = [[0], [0], [0]];
        let next = 1;
        const asked: Promise<void>[] = [];
        const read = async (keys: readonly number[]) => {
          const since = keys.map((key) => (been[key]?.length ?? 0) - 1);
          const found = await memory.read(keys, String, (missing) =>
            store.call(() => missing.map((key) => store.values[key] ?? -1)),
          );
          keys.forEach((key, i) => {
            expect(been[key]?.slice(since[i])).toContain(found[i]);
          });
        };
        const write = async (key: number, told: 'value' | 'nothing' | 'error' | 'lost') => {
          const value = next++;
          const written = store.call(() => {
            store.values[key] = value;
            been[key]?.push(value);
          });
          const outcome = async () => {
            // Its outcome is not waited for, and it takes effect later all the same.
            if (told !== 'lost') await written;
            if (told === 'error' || told === 'lost') throw new Error('the outcome is not known');
          };
          await memory
            .write(String(key), outcome, () => (told === 'value' ? value : undefined))
            .catch(() => undefined);
        };
        for (const one of steps) {
          if (one.do === 'read') asked.push(read(one.keys));
          else if (one.do === 'write') asked.push(write(one.key, one.told));
          else if (one.do === 'effect') store.takeEffect();
          else store.answer();
          await Promise.resolve();
          expect(memory.size).toBeLessThanOrEqual(most);
        }
        while (!store.isIdle) {
          store.takeEffect();
          store.answer();
          await new Promise((resolve) => setImmediate(resolve));
        }
        await Promise.all(asked);
        for (const key of [0, 1, 2]) {
          const known = memory.get(String(key));
          if (known !== undefined) expect(known).toBe(store.values[key]);
        }
      },
    ),
    { numRuns: Number(process.env.PROPERTY_RUNS ?? 1) * 300 },
  );
});
