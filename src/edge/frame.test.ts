import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import { Heads, tailOf, textFrame } from './frame.ts';

interface Sender {
  frame(data: Buffer, options: object): Buffer[];
}
const { Sender }: { Sender: Sender } = createRequire(import.meta.url)('ws');

/** The same frame as ws makes it. */
const byWs = (text: string): Buffer =>
  Buffer.concat(
    Sender.frame(Buffer.from(text), { fin: true, opcode: 1, mask: false, rsv1: false, readOnly: true }),
  );
const bytes = (frame: string): Buffer => Buffer.from(frame, 'latin1');

describe('frames are what ws makes of the same text', () => {
  test.each([0, 1, 125, 126, 127, 65_535, 65_536, 65_537, 200_000])('of %i bytes', (length) => {
    const text = 'x'.repeat(length);
    expect(bytes(textFrame(text)).equals(byWs(text))).toBe(true);
  });

  test.each(['é', 'grüße', '日本語', '👩‍👩‍👧', '\u0000\u007f\u0080\u00ff', 'é'.repeat(40_000)])(
    'of %s in UTF-8',
    (text) => {
      expect(bytes(textFrame(text)).equals(byWs(text))).toBe(true);
    },
  );
});

describe('frames of events', () => {
  const payload = { data: { events: { text: 'déjà vu 日本' } }, errors: [{ message: 'no' }] };
  const rendered = { json: JSON.stringify(payload) };

  test.each(['1', 'a"b\\c', 'ï', '日本', '9'.repeat(70_000)])('with the id last: %.10s', (id) => {
    const frame = new Heads().of(rendered, tailOf(id)) + tailOf(id);
    expect(
      bytes(frame).equals(byWs(`{"type":"next","payload":${rendered.json},"id":${JSON.stringify(id)}}`)),
    ).toBe(true);
  });

  test('a head is made once for all ids of one length, and anew for another', () => {
    const heads = new Heads();
    const head = heads.of(rendered, tailOf('aa'));
    expect(heads.of(rendered, tailOf('bb'))).toBe(head);
    expect(heads.of(rendered, tailOf('ccc'))).not.toBe(head);
    expect(heads.of({ json: '{}' }, tailOf('aa'))).not.toBe(head);
  });

  test('heads are made right however many there are', () => {
    const heads = new Heads();
    for (let i = 0; i < 500; i += 1) {
      const json = JSON.stringify({ data: i });
      const frame = heads.of({ json }, tailOf('a')) + tailOf('a');
      expect(bytes(frame).equals(byWs(`{"type":"next","payload":${json},"id":"a"}`))).toBe(true);
    }
  });
});
