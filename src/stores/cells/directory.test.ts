import { expect, test, vi } from 'vitest';
import { StoreUnreachable } from '../../chat/log/port.ts';
import { CellDirectory } from './directory.ts';

const lookUp = () => vi.fn(async (ids: readonly string[]) => new Map(ids.map((id) => [id, `cell of ${id}`])));

test('those who ask at the same time share a lookup, and later nobody asks', async () => {
  const asked = lookUp();
  const directory = new CellDirectory(asked);
  const [one, both] = await Promise.all([directory.find(['a']), directory.find(['a', 'b'])]);
  expect(one).toEqual(new Map([['a', 'cell of a']]));
  expect(both).toEqual(
    new Map([
      ['a', 'cell of a'],
      ['b', 'cell of b'],
    ]),
  );
  expect(asked.mock.calls).toEqual([[['a']], [['b']]]);
  await directory.find(['b', 'a']);
  expect(asked).toHaveBeenCalledTimes(2);
  expect(directory.of('a')).toBe('cell of a');
  directory.forget('a');
  await directory.find(['a']);
  expect(asked).toHaveBeenCalledTimes(3);
});

test('a database that does not answer is no answer, and is asked again', async () => {
  const asked = lookUp();
  asked.mockRejectedValueOnce(new Error('away'));
  const directory = new CellDirectory(asked);
  await expect(directory.find(['a'])).rejects.toBeInstanceOf(StoreUnreachable);
  expect((await directory.find(['a'])).get('a')).toBe('cell of a');
});

test('no more are remembered than it has room for; a question for more is answered all the same', async () => {
  const directory = new CellDirectory(lookUp(), 3);
  const ids = ['a', 'b', 'c', 'd', 'e'];
  const found = await directory.find(ids);
  expect(found.size).toBe(5);
  expect(directory.size).toBe(3);
  expect(directory.of('a')).toBeUndefined();
  expect(directory.of('e')).toBe('cell of e');
});
