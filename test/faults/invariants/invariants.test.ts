/** The judges, judged: in a good history each of these mistakes is planted by itself, and each must be noticed by its name. */
import { describe, expect, test } from 'vitest';
import type { Answered, Attempt, ChannelHistory, History, Row } from '../history.ts';
import { invariants, judge } from './all.ts';

const URL = 'http://one';
const at = (n: number): string => new Date(Date.UTC(2026, 0, 1) + n).toISOString();

function attempt(n: number, answer: Answered | null, more: Partial<Attempt> = {}): Attempt {
  const code = answer === null ? 'UNAVAILABLE' : 'OK';
  const [text, key] = [`acme ${n}`, `key-${n}`];
  return { what: 'sendMessage', url: URL, from: n * 100, to: n * 100 + 50, code, key, text, answer, ...more };
}
const ack = (seq: number, isDuplicate = false, text = `acme ${seq}`): Answered => ({
  seq,
  text,
  isDuplicate,
});
const row = (seq: number): Row => ({ seq, text: `acme ${seq}`, key: `key-${seq}`, createdAt: at(seq) });
const rows = [row(1), row(2), row(3)];

const channel: ChannelHistory = {
  id: 'channel',
  organization: 'acme',
  // The second is saved at its first try, and its repeats say so, the last with another text.
  attempts: [
    attempt(1, ack(1)),
    attempt(2, null),
    attempt(2, ack(2), { from: 260, to: 280 }),
    attempt(3, ack(3)),
    attempt(2, ack(2, true), { from: 400, to: 410, text: 'acme another' }),
  ],
  forward: rows,
  backward: rows,
  heard: [{ name: 'listener', messages: rows, faults: [] }],
  marks: [
    [
      { head: 1, checkpoint: 0, unreadCount: 1 },
      { head: 3, checkpoint: 1, unreadCount: 2 },
    ],
  ],
  lastMarks: [{ head: 3, checkpoint: 3, unreadCount: 0 }],
};
const good: History = {
  channels: [channel],
  requests: [
    { what: 'read', url: URL, from: 0, to: 14_000, code: 'UNAVAILABLE' },
    { what: 'read', url: 'http://frozen', from: 0, to: 20_000, code: 'NETWORK' },
  ],
  removals: [{ channelId: 'private', returnedAt: 500, heardBegunAt: [100, 499] }],
  copies: [{ channelId: 'changing', copied: [{ a: 1 }], shown: [{ a: 1 }], faults: [] }],
  trespasses: [
    { what: 'channel', outcome: 'NOTHING' },
    { what: 'sendMessage', outcome: 'NOT_FOUND' },
  ],
  health: [{ what: 'a clock an hour ahead', expected: 'unready', told: 'unready' }],
  absences: [{ url: 'http://frozen', from: 5_000, to: 18_000 }],
  gaveUp: [],
};

const inChannel = (change: Partial<ChannelHistory>): History => ({
  ...good,
  channels: [{ ...channel, ...change }],
});
const both = (forward: readonly Row[]): Partial<ChannelHistory> => ({
  forward,
  backward: forward,
  heard: [{ name: 'listener', messages: forward, faults: [] }],
  lastMarks: [{ head: forward.length, checkpoint: forward.length, unreadCount: 0 }],
});
const listener = (messages: readonly Row[], faults: readonly unknown[] = []): History =>
  inChannel({ heard: [{ name: 'listener', messages, faults }] });
const marks = (...seen: { head: number; checkpoint: number; unreadCount: number }[]): History =>
  inChannel({ marks: [seen] });
const request = (change: Partial<History['requests'][number]>): History => ({
  ...good,
  requests: [{ what: 'read', url: URL, from: 0, to: 1_000, code: 'OK', ...change }],
});

/** What went wrong, who must notice, and the history in which it did. */
const planted: readonly (readonly [mistake: string, noticedBy: string, history: History])[] = [
  ['an acknowledged message is lost', 'sent means saved', inChannel(both(rows.slice(0, 2)))],
  [
    'an acknowledged message has become another',
    'sent means saved',
    inChannel(both([row(1), { ...row(2), text: 'acme other' }, row(3)])),
  ],
  [
    'a number is skipped',
    'no gap and nothing invented',
    inChannel({
      ...both([row(1), row(2), { ...row(3), seq: 4 }]),
      attempts: channel.attempts.map((one) => (one.answer?.seq === 3 ? { ...one, answer: null } : one)),
    }),
  ],
  [
    'a message comes out of nowhere',
    'no gap and nothing invented',
    inChannel(both([...rows, { ...row(4), key: 'nobody' }])),
  ],
  ['a send is saved twice', 'once', inChannel(both([...rows, { ...row(4), text: 'acme 2', key: 'key-2' }]))],
  [
    'a repeat is given another number',
    'once',
    inChannel({
      ...both([...rows, row(4)]),
      attempts: [
        ...channel.attempts,
        attempt(4, null),
        attempt(2, ack(4, true, 'acme 2'), { from: 500, to: 510 }),
      ],
    }),
  ],
  [
    'one number is acknowledged to two',
    'once',
    inChannel({ attempts: [...channel.attempts, attempt(4, ack(3, false, 'acme 4'))] }),
  ],
  [
    'a repeat is told that it is the first',
    'once',
    inChannel({ attempts: [...channel.attempts, attempt(3, ack(3))] }),
  ],
  [
    'a repeat with another text changes the message',
    'once',
    inChannel({
      ...both([row(1), { ...row(2), text: 'acme another' }, row(3)]),
      attempts: [...channel.attempts, attempt(2, ack(2, true, 'acme another'), { from: 500, to: 510 })],
    }),
  ],
  ['backward is another order', 'one order', inChannel({ backward: [row(1), row(3), row(2)] })],
  ['backward goes on', 'one order', inChannel({ backward: [...rows, row(4)] })],
  ['backward ends early', 'one order', inChannel({ backward: rows.slice(0, 2) })],
  ['times run back', 'one order', inChannel(both([row(1), { ...row(2), createdAt: at(9) }, row(3)]))],
  [
    'what was sent later stands before what was acknowledged by then',
    'one order',
    inChannel({
      attempts: [
        attempt(1, ack(1), { from: 900, to: 950 }),
        attempt(2, ack(2)),
        attempt(3, ack(3), { from: 960, to: 980 }),
      ],
    }),
  ],
  ['a listener misses a message', 'nothing missed', listener([row(1), row(3)])],
  ['a listener hears a message twice', 'nothing missed', listener([row(1), row(2), row(2), row(3)])],
  ['a listener hears another order', 'nothing missed', listener([row(2), row(1), row(3)])],
  [
    'a listener hears another text',
    'nothing missed',
    listener([row(1), { ...row(2), text: 'acme x' }, row(3)]),
  ],
  ['a listener hears more than there is', 'nothing missed', listener([...rows, row(4)])],
  ['an event has errors inside', 'nothing missed', listener(rows, [{ errors: ['no'] }])],
  [
    'a cache that lives on events goes wrong',
    'nothing missed',
    { ...good, copies: [{ channelId: 'changing', copied: [{ a: 1 }], shown: [{ a: 2 }], faults: [] }] },
  ],
  [
    'a cache hears of an error',
    'nothing missed',
    { ...good, copies: [{ channelId: 'changing', copied: [], shown: [], faults: [{ errors: ['no'] }] }] },
  ],
  ['unread is negative', 'unread is arithmetic', marks({ head: 1, checkpoint: 2, unreadCount: -1 })],
  ['unread does not add up', 'unread is arithmetic', marks({ head: 3, checkpoint: 1, unreadCount: 1 })],
  [
    'a read mark goes back',
    'unread is arithmetic',
    marks({ head: 3, checkpoint: 2, unreadCount: 1 }, { head: 3, checkpoint: 1, unreadCount: 2 }),
  ],
  [
    'all is read and something is left over',
    'unread is arithmetic',
    inChannel({ lastMarks: [{ head: 3, checkpoint: 2, unreadCount: 1 }] }),
  ],
  [
    'all is read up to a message that is not there',
    'unread is arithmetic',
    inChannel({ lastMarks: [{ head: 4, checkpoint: 4, unreadCount: 0 }] }),
  ],
  [
    'a mark stays behind, and nothing is unread',
    'unread is arithmetic',
    inChannel({ lastMarks: [{ head: 3, checkpoint: 2, unreadCount: 0 }] }),
  ],
  [
    'a mark is at the end, and something is unread',
    'unread is arithmetic',
    inChannel({ lastMarks: [{ head: 3, checkpoint: 3, unreadCount: 1 }] }),
  ],
  [
    'one who was removed hears what was sent afterwards',
    'removed means removed',
    { ...good, removals: [{ channelId: 'private', returnedAt: 500, heardBegunAt: [100, 501] }] },
  ],
  [
    'a message of another organization is heard',
    'tenants never meet',
    inChannel({ ...both([row(1), { ...row(2), text: 'globex 2' }, row(3)]) }),
  ],
  [
    'a message of another organization is read alone',
    'tenants never meet',
    inChannel({ forward: [row(1), { ...row(2), text: 'globex 2' }, row(3)] }),
  ],
  [
    'a message of another organization is heard alone',
    'tenants never meet',
    listener([row(1), { ...row(2), text: 'globex 2' }, row(3)]),
  ],
  [
    'a stranger is given a channel',
    'tenants never meet',
    { ...good, trespasses: [{ what: 'channel', outcome: 'OK' }] },
  ],
  [
    'a stranger learns that it exists',
    'tenants never meet',
    { ...good, trespasses: [{ what: 'sendMessage', outcome: 'FORBIDDEN' }] },
  ],
  ['an answer takes too long', 'everything answers', request({ to: 15_001 })],
  [
    'a send takes too long',
    'everything answers',
    inChannel({ attempts: channel.attempts.map((one) => ({ ...one, from: one.from - 16_000 })) }),
  ],
  ['a replica that is there does not answer', 'everything answers', request({ code: 'NETWORK' })],
  [
    'a replica that was frozen long ago does not answer',
    'everything answers',
    request({ url: 'http://frozen', from: 18_001, to: 18_100, code: 'NETWORK' }),
  ],
  [
    'a replica that is frozen later does not answer',
    'everything answers',
    request({ url: 'http://frozen', from: 0, to: 4_999, code: 'NETWORK' }),
  ],
  ['an error says nothing', 'everything answers', request({ code: 'INTERNAL_SERVER_ERROR' })],
  [
    'a replica that was frozen answers wrongly',
    'everything answers',
    request({ url: 'http://frozen', from: 6_000, to: 6_100, code: 'INTERNAL_SERVER_ERROR' }),
  ],
  ['one of two errors has no code', 'everything answers', request({ code: 'UNAVAILABLE+NONE' })],
  [
    'a wrong clock is not told',
    'the operator is told',
    { ...good, health: [{ what: 'a clock an hour ahead', expected: 'unready', told: 'ready' }] },
  ],
  ['a writer gives up', 'played to the end', { ...good, gaveUp: ['a writer gave up'] }],
];

describe('the invariants', () => {
  test('hold in a good history', () => {
    expect([...judge(good)]).toEqual([]);
  });

  test.each(planted)('notice that %s: %s', (_, noticedBy, history) => {
    expect([...judge(history).keys()]).toContain(noticedBy);
  });

  test('have each a mistake that only they notice', () => {
    const alone = planted
      .map(([, , history]) => [...judge(history).keys()])
      .filter((noticed) => noticed.length === 1)
      .flat();
    expect(invariants.map(({ name }) => name).filter((name) => !alone.includes(name))).toEqual([]);
  });

  test('say a few of many', () => {
    const told = judge({ ...good, gaveUp: Array.from({ length: 30 }, (_, i) => `writer ${i}`) });
    expect(told.get('played to the end')).toHaveLength(11);
  });
});
