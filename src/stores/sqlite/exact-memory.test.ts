/** Against a store whose calls take effect some time after they begin and are answered some time after that. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ExactMemory } from './exact-memory.ts';

interface SlowCall {
  readonly isRead: boolean;
  readonly taken: PromiseWithResolvers<void>;
  effect(): void;
  answer(): void;
}

/** A number for each of three keys; calls wait in one line and go in groups, whose reads come first, as with the worker. */
class SlowStore {
  readonly values = [0, 0, 0];
  #line: SlowCall[] = [];
  #group: SlowCall[] = [];
  #isDone = false;

  /** @param seen called when it is answered: nobody can have seen what it did before, as no other group went since. */
  call<T>(
    isRead: boolean,
    effect: () => T,
    seen: () => void = () => undefined,
  ): { readonly answered: Promise<T>; readonly taken: Promise<void> } {
    const { promise, resolve } = Promise.withResolvers<T>();
    const taken = Promise.withResolvers<void>();
    let result: T;
    this.#line.push({
      isRead,
      taken,
      effect: () => {
        result = effect();
      },
      answer: () => {
        seen();
        resolve(result);
      },
    });
    return { answered: promise, taken: taken.promise };
  }

  /** Takes a group; then what it does is done. */
  takeEffect(): void {
    if (this.#group.length === 0) {
      this.#group = this.#line;
      this.#line = [];
      for (const { taken } of this.#group) taken.resolve();
    } else if (!this.#isDone) {
      for (const one of this.#group) if (one.isRead) one.effect();
      for (const one of this.#group) if (!one.isRead) one.effect();
      this.#isDone = true;
    }
  }

  answer(): void {
    if (!this.#isDone) return;
    for (const one of this.#group) one.answer();
    this.#group = [];
    this.#isDone = false;
  }

  get isIdle(): boolean {
    return this.#line.length + this.#group.length === 0;
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
          const found = await memory.read(
            keys,
            String,
            (missing) => store.call(true, () => missing.map((key) => store.values[key] ?? -1)).answered,
          );
          keys.forEach((key, i) => {
            expect(been[key]?.slice(since[i])).toContain(found[i]);
          });
        };
        const write = async (key: number, told: 'value' | 'nothing' | 'error' | 'lost') => {
          const value = next++;
          const { answered, taken } = store.call(
            false,
            () => {
              store.values[key] = value;
            },
            () => been[key]?.push(value),
          );
          const outcome = async () => {
            // Its outcome is not waited for, and it takes effect later all the same.
            await (told === 'lost' ? taken : answered);
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
          // Whoever writes is told only after the memory knows: here all of it at once, as nobody else can tell.
          if (one.do === 'answer') await new Promise((resolve) => setImmediate(resolve));
          else await Promise.resolve();
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
