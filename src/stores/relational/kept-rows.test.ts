/** What is kept of a table, while nothing writes to it. */
import { expect, test, vi } from 'vitest';
import { KeptRows } from './kept-rows.ts';
import { Writes } from './writes.ts';

interface Row {
  readonly text: string;
}

function scene(most?: number) {
  const writes = new Writes();
  const kept = new KeptRows<Row>(writes, 'users', most);
  const table = new Map<string, Row>();
  const ask = vi.fn(async (ids: readonly string[]) => ids.map((id) => table.get(id) ?? null));
  const of = (...ids: string[]) => kept.of('o', ids, ask);
  const write = (id: string, text: string): void => {
    const end = writes.begin(['users']);
    table.set(id, { text });
    end();
  };
  return { writes, kept, ask, of, write };
}

test('what was asked once is not asked again, whether it is there or not', async () => {
  const { of, ask, write } = scene();
  write('a', 'one');
  const first = await of('a', 'b');
  expect(first).toEqual([{ text: 'one' }, null]);
  expect(await of('b', 'a')).toEqual([null, { text: 'one' }]);
  expect(ask).toHaveBeenCalledTimes(1);
});

test('only what is missing is asked, and all come in their order', async () => {
  const { of, ask, write } = scene();
  for (const id of ['a', 'b', 'c']) write(id, id);
  await of('b');
  expect(await of('a', 'b', 'none', 'c')).toEqual([{ text: 'a' }, { text: 'b' }, null, { text: 'c' }]);
  expect(ask).toHaveBeenLastCalledWith(['a', 'none', 'c']);
});

test('the same name in another scope is another', async () => {
  const { kept, of, write } = scene();
  write('a', 'one');
  await of('a');
  expect(await kept.of('p', ['a'], async () => [null])).toEqual([null]);
});

test('a write is seen by whoever asks after it', async () => {
  const { of, write } = scene();
  write('a', 'one');
  await of('a', 'b');
  write('a', 'two');
  expect(await of('a', 'b')).toEqual([{ text: 'two' }, null]);
});

test('while a write is under way nothing is given or kept', async () => {
  const { of, ask, writes } = scene();
  await of('a');
  const end = writes.begin(['users']);
  await of('a');
  await of('a');
  end();
  await of('a');
  expect(ask).toHaveBeenCalledTimes(4);
});

test('what was read before a write is not kept after it', async () => {
  const { kept, of, write } = scene();
  write('a', 'one');
  const { promise, resolve } = Promise.withResolvers<readonly (Row | null)[]>();
  const early = kept.of('o', ['a'], () => promise);
  write('a', 'two');
  resolve([{ text: 'one' }]);
  await early;
  expect(await of('a')).toEqual([{ text: 'two' }]);
});

test('rows of one answer are of one moment', async () => {
  const { kept, of, ask, write } = scene();
  write('a', 'one');
  write('b', 'one');
  await of('a');
  const { promise, resolve } = Promise.withResolvers<void>();
  let asked = 0;
  const both = kept.of('o', ['a', 'b'], async (ids) => {
    if (asked++ === 0) await promise;
    return ask(ids);
  });
  write('a', 'two');
  write('b', 'two');
  resolve();
  expect(await both).toEqual([{ text: 'two' }, { text: 'two' }]);
});

test('nobody changes what others are given', async () => {
  const { of, write } = scene();
  write('a', 'one');
  await of('a');
  const [mine] = await of('a');
  expect(() => Object.assign(mine ?? {}, { text: 'mine' })).toThrow();
  expect(await of('a')).toEqual([{ text: 'one' }]);
});

test('what is known is there at once, and nothing else is', async () => {
  const { kept, of, write, writes } = scene();
  write('a', 'one');
  expect(kept.now('o', 'a')).toBeUndefined();
  await of('a', 'none');
  expect([kept.now('o', 'a'), kept.now('o', 'none'), kept.now('o', 'b')]).toEqual([
    { text: 'one' },
    null,
    undefined,
  ]);
  const end = writes.begin(['users']);
  expect(kept.now('o', 'a')).toBeUndefined();
  end();
  expect(kept.now('o', 'a')).toBeUndefined();
});

test('a failure is told, and not kept', async () => {
  const { kept, of, write } = scene();
  write('a', 'one');
  await expect(kept.of('o', ['a'], () => Promise.reject(new Error('away')))).rejects.toThrow('away');
  expect(await of('a')).toEqual([{ text: 'one' }]);
});

test('rows are bounded, and those used longest ago go first', async () => {
  const { of, ask, kept } = scene(3);
  await of('a', 'b', 'c');
  await of('a');
  await of('d');
  expect(kept.size).toBe(3);
  ask.mockClear();
  await of('a', 'c', 'd');
  expect(ask).not.toHaveBeenCalled();
  await of('b');
  expect(ask).toHaveBeenCalledTimes(1);
});

test('a write that says what it has changed leaves all rows known, as they are now', async () => {
  const { kept, of, ask, write, writes } = scene();
  for (const id of ['a', 'b']) write(id, 'one');
  await of('a', 'b');
  const before = writes.version('users') ?? Number.NaN;
  write('a', 'two');
  kept.rewritten(before, [
    { scope: 'o', id: 'a', row: { text: 'two' } },
    // Asked for by nobody: it is not kept for that.
    { scope: 'o', id: 'c', row: { text: 'two' } },
  ]);
  expect(await of('a', 'b')).toEqual([{ text: 'two' }, { text: 'one' }]);
  expect(ask).toHaveBeenCalledTimes(1);
  expect(kept.size).toBe(2);
});

test.each(['before it was told', 'and is under way', 'when it began', 'since its rows were read'])(
  'what a write says it has changed is not believed when another came %s',
  async (when) => {
    const { kept, of, ask, write, writes } = scene();
    for (const id of ['a', 'b']) write(id, 'one');
    await of('a', 'b');
    if (when === 'since its rows were read') write('b', 'two');
    const before = writes.version('users') ?? Number.NaN;
    const end = when === 'when it began' ? writes.begin(['users']) : () => undefined;
    write('a', 'two');
    if (when === 'before it was told') write('b', 'two');
    if (when === 'and is under way') writes.begin(['users']);
    kept.rewritten(before, [{ scope: 'o', id: 'a', row: { text: 'two' } }]);
    end();
    await of('a', 'b');
    expect(ask).toHaveBeenCalledTimes(2);
  },
);
