import { expect, test, vi } from 'vitest';
import { byId } from './batch.ts';

interface Thing {
  readonly id: string;
  readonly n: number;
}

function things() {
  const find = vi.fn(
    async (ids: readonly string[]): Promise<readonly Thing[]> =>
      ids.filter((id) => id !== 'nothing').map((id) => ({ id, n: 1 })),
  );
  return { find, loader: byId(find, ({ id }: Thing) => id) };
}

test('what was loaded is known without a promise, nothing too; what was not is not', async () => {
  const { find, loader } = things();
  expect(loader.peek('a')).toBeUndefined();
  const loading = loader.load('a');
  expect(loader.peek('a')).toBeUndefined();
  await Promise.all([loading, loader.load('nothing')]);
  expect([loader.peek('a'), loader.peek('nothing'), loader.peek('b')]).toEqual([
    { id: 'a', n: 1 },
    null,
    undefined,
  ]);
  expect(find).toHaveBeenCalledTimes(1);
});

test('what could not be loaded is not known', async () => {
  const { find, loader } = things();
  find.mockRejectedValueOnce(new Error('away'));
  await expect(loader.load('a')).rejects.toThrow('away');
  expect(loader.peek('a')).toBeUndefined();
  loader.prime('b', new Error('away') as never);
  expect(loader.peek('b')).toBeUndefined();
});

test('what is primed is known, unless something is already; what is forgotten is loaded anew', async () => {
  const { find, loader } = things();
  loader.prime('a', { id: 'a', n: 7 });
  loader.prime('a', { id: 'a', n: 8 });
  expect(loader.peek('a')).toEqual({ id: 'a', n: 7 });
  expect(await loader.load('a')).toEqual({ id: 'a', n: 7 });
  await loader.load('b');
  loader.clear('a');
  expect([loader.peek('a'), loader.peek('b')]).toEqual([undefined, { id: 'b', n: 1 }]);
  loader.clearAll();
  expect(loader.peek('b')).toBeUndefined();
  expect(await loader.load('a')).toEqual({ id: 'a', n: 1 });
  expect(find).toHaveBeenCalledTimes(2);
});

test('an answer from before everything was forgotten is known to nobody', async () => {
  const { find, loader } = things();
  const answer = Promise.withResolvers<readonly Thing[]>();
  find.mockReturnValueOnce(answer.promise);
  const loading = loader.load('a');
  await vi.waitFor(() => expect(find).toHaveBeenCalled());
  loader.clearAll();
  answer.resolve([{ id: 'a', n: 0 }]);
  await loading;
  expect(loader.peek('a')).toBeUndefined();
  expect(await loader.load('a')).toEqual({ id: 'a', n: 1 });
});
