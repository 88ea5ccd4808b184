import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { elements } from './elements.ts';

async function* chunks(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function valuesOf(text: string | Buffer, size = 7): Promise<unknown[]> {
  const values: unknown[] = [];
  for await (const { value, json } of elements('a.json', chunks(Buffer.from(text), size))) {
    expect(JSON.parse(json)).toEqual(value);
    values.push(value);
  }
  return values;
}

const refusal = (text: string): Promise<string> =>
  valuesOf(text).then(
    () => 'accepted',
    (error: Error) => error.message,
  );

describe('the elements of a list', () => {
  test('are what JSON.parse says, whatever the list and wherever it is cut', async () => {
    const list = fc.array(fc.jsonValue());
    await fc.assert(
      fc.asyncProperty(
        list,
        fc.integer({ min: 1, max: 40 }),
        fc.boolean(),
        async (values, size, isIndented) => {
          const text = JSON.stringify(values, null, isIndented ? 2 : undefined);
          expect(await valuesOf(text, size)).toEqual(JSON.parse(text));
        },
      ),
    );
  });

  test('a byte order mark and white space are no part of it', async () => {
    expect(await valuesOf('\ufeff \r\n[ 1 , "a]" ]\n ')).toEqual([1, 'a]']);
    expect(await valuesOf('[]')).toEqual([]);
  });

  test('whatever is broken is named with its line', async () => {
    expect(await refusal('')).toBe('a.json: is empty');
    expect(await refusal(' \n')).toBe('a.json: is empty');
    expect(await refusal('{"messages":[]}')).toBe('a.json: is not a list');
    expect(await refusal('[\n{"a":1},\n{"b":')).toBe(
      'a.json: line 3 (entry 2): the file ends in the middle: it was cut short',
    );
    expect(await refusal('[\n{"a":1},\n{"b":\n\n nonsense}\n]')).toBe(
      'a.json: line 3 (entry 2): what begins here is not valid JSON',
    );
    expect(await refusal('[1,\n,2]')).toBe('a.json: line 2 (entry 2): an entry is missing');
    expect(await refusal('[1,2,\n]')).toBe('a.json: line 2 (entry 3): an entry is missing');
    expect(await refusal('[1]\n[2]')).toBe('a.json: line 2 (entry 2): something follows the end of the list');
    expect(await refusal('[1 2]')).toBe('a.json: line 1 (entry 1): what begins here is not valid JSON');
  });

  test('an element that is larger than any message is not held', async () => {
    const huge = `[{"a":"${'x'.repeat(17 * 2 ** 20)}"}]`;
    await expect(valuesOf(huge, 65_536)).rejects.toThrow('line 1 (entry 1): an entry is larger than 16 MiB');
  });
});
