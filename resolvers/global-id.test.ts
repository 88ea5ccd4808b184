import fc from 'fast-check';
import { expect, test } from 'vitest';
import { uuidv7 } from '../src/chat/ids.ts';
import { decodeId, encodeId, messageKey, messageRefOf, uuidOf } from './global-id.ts';

const refused = expect.objectContaining({ code: 'BAD_USER_INPUT' });
const uuid = uuidv7(1);

test('an id goes out and comes back', () => {
  expect(uuidOf('Channel', encodeId('Channel', uuid))).toBe(uuid);
  const ref = { channelId: uuid, seq: 2_147_483_647 };
  const { type, key } = decodeId(encodeId('Message', messageKey(ref)));
  expect([type, messageRefOf(key)]).toEqual(['Message', ref]);
});

test('says which type was asked for', () => {
  expect(() => uuidOf('User', encodeId('Channel', uuid))).toThrow('This is not the id of a User.');
});

test('one thing has one id: nothing else decodes to it', () => {
  const id = encodeId('User', uuid);
  expect(() => decodeId(`${id}=`)).toThrow(refused);
  expect(() => decodeId(`${id} `)).toThrow(refused);
  expect(() => uuidOf('User', encodeId('User', uuid.toUpperCase()))).toThrow(refused);
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.base64String(),
        fc.string().map((s) => encodeId('User', s)),
      ),
      (text) => {
        try {
          const { type, key } = decodeId(text);
          expect(encodeId(type, key)).toBe(text);
        } catch (error) {
          expect(error).toEqual(refused);
        }
      },
    ),
  );
});

test.each([
  '',
  uuid,
  `${uuid}:`,
  `${uuid}:0`,
  `${uuid}:01`,
  `${uuid}:-1`,
  `${uuid}:1:1`,
  `${uuid}:2147483648`,
  'x:1',
])('the key %s is of no message', (key) => {
  expect(() => messageRefOf(key)).toThrow(refused);
});

test('more ids than are remembered are told apart all the same, the second time too', () => {
  const ids = Array.from({ length: 12_000 }, (_, i) => encodeId('Message', `${uuid}:${i + 1}`));
  for (const seen of [ids, ids.slice(-100), ids.slice(0, 100)]) {
    expect(seen.every((id) => encodeId(decodeId(id).type, decodeId(id).key) === id)).toBe(true);
  }
});
