import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { ResumeRequired } from '../chat/live/port.ts';
import { seqs, until, upTo } from './testing/reading.ts';
import { follow, type Installation, installation, messageEntry, type Replica } from './testing/replicas.ts';

let all: Installation;
afterEach(() => all.close());

const subscribe = ({ live }: Replica, user: string, after: string[] = []) =>
  live.events(all.viewer(user), { after, replayLimit: 1_000, connectionId: 'c' });

describe('with the bus dead', () => {
  test('those connected to the writer’s replica hear at once, the others soon', async () => {
    all = installation();
    const [here, there] = [all.replica(), all.replica()];
    const channel = all.channel('ada', 'grace');
    const ada = follow(await subscribe(here, 'ada'));
    const grace = follow(await subscribe(there, 'grace'));
    for (const replica of [here, there]) replica.bus.cut(true);
    await here.say(channel);
    await new Promise((resolve) => setImmediate(resolve));
    expect(seqs(ada.events)).toEqual([1]);
    await until(() => expect(seqs(grace.events)).toEqual([1]));
    await Promise.all([ada.stop(), grace.stop()]);
  });

  test('a subscription begins all the same, and misses nothing once the bus is back', async () => {
    all = installation();
    const [here, there] = [all.replica(), all.replica()];
    const channel = all.channel('ada');
    here.bus.cut(true);
    const ada = follow(await subscribe(here, 'ada'));
    await there.say(channel);
    here.bus.restore();
    await until(() => expect(seqs(ada.events)).toEqual([1]));
    await ada.stop();
  });
});

describe('what the bus brings is not believed blindly', () => {
  test('wrong shapes are dropped, counted, and no reason to believe that nothing happened', async () => {
    all = installation();
    const [here, there] = [all.replica(), all.replica()];
    const channel = all.channel('ada');
    const key = { organizationId: all.organizationId, channelId: channel };
    const ada = follow(await subscribe(here, 'ada'));
    all.messages.put(key, {
      authorId: 'a',
      clientMessageId: 'b',
      text: 'unheard',
      metadata: null,
      mentions: [],
    });
    const topic = `channel:${all.organizationId}:${channel}`;
    const wrong = [
      null,
      'text',
      {},
      { from: 'x', log: 'MESSAGES', rows: [{ seq: 1 }] },
      { from: 'x', log: 'OTHER' },
    ];
    for (const payload of wrong) there.bus.forge(topic, payload);
    await until(() => expect(here.live.stats().rejected).toBe(wrong.length));
    await until(() => expect(seqs(ada.events)).toEqual([1]));
    expect(ada.events.at(-1)).toMatchObject({ row: { entry: { text: 'unheard' } } });
    await ada.stop();
  });

  test('whatever is put on any topic is dropped, counted where it could have told something, and fatal to nobody', async () => {
    all = installation();
    const [here, there] = [all.replica(), all.replica()];
    const channel = all.channel('ada');
    const ada = follow(await subscribe(here, 'ada'));
    const { organizationId } = all;
    const said = fc.sample(fc.jsonValue({ maxDepth: 3 }), { numRuns: 200, seed: 1 });
    const row = { seq: 1, at: 1, sendKey: 'k', entry: messageEntry('forged') };
    const from = 'x';
    const almost = [
      { from, log: 'MESSAGES', rows: row },
      { from, log: 'MESSAGES', rows: [{ ...row, seq: 0 }] },
      { from, log: 'MESSAGES', rows: [{ ...row, seq: '1' }] },
      { from, log: 'MESSAGES', rows: [{ ...row, seq: 1.5 }] },
      { from, log: 'MESSAGES', rows: [{ ...row, entry: null }] },
      { from, log: 'MESSAGES', rows: [{ ...row, entry: { ...row.entry, text: 7 } }] },
      { from, log: 'MESSAGES', rows: [{ ...row, entry: { ...row.entry, metadata: [] } }] },
      { from, log: 'MESSAGES', rows: [{ ...row, entry: { ...row.entry, mentions: [{ kind: 'ALL' }] } }] },
      { log: 'MESSAGES', rows: [row] },
      {
        from,
        log: 'CHANGES',
        rows: [{ ...row, entry: { kind: 'EXPLODED', head: 0, actorId: 'a', userId: 'b' } }],
      },
      { from, log: 'HEADS', seq: -1, rev: 0 },
      { from, log: 'HEADS', seq: 'many', rev: 0 },
      { from, log: 'THREAD', rootSeq: 0 },
      { from, log: 'TYPING', userId: '' },
      { from, log: 'TYPING', userId: { toString: 'bob' } },
      { from, log: 'SIGNAL', signal: { userId: 'bob', name: '', payload: null, key: null, sentAt: 1 } },
      { from, log: 'SIGNAL', signal: 'hello' },
    ];
    const memberships = [
      { from, channelId: channel, membershipId: 1, isNew: true },
      { from, channelId: channel, membershipId: 'm', isNew: 'yes' },
    ];
    const before = here.live.stats().rejected;
    for (const payload of [...said, ...almost])
      there.bus.forge(`channel:${organizationId}:${channel}`, payload);
    for (const payload of [...said, ...memberships]) there.bus.forge(`user:${organizationId}:ada`, payload);
    for (const topic of ['beat', 'revocation', `inbox:${here.id}`]) {
      for (const payload of said) there.bus.forge(topic, payload);
    }
    const counted = 5 * said.length + almost.length + memberships.length;
    await until(() => expect(here.live.stats().rejected - before).toBeGreaterThanOrEqual(counted));
    await there.say(channel, 'true');
    await until(() => expect(seqs(ada.events)).toEqual([1]));
    const told = ada.events.filter(
      (e) => e.type !== 'Ready' && e.type !== 'Positions' && e.type !== 'CaughtUp',
    );
    expect(told).toMatchObject([{ type: 'MessagePosted', row: { entry: { text: 'true' } } }]);
    expect(here.live.stats().sessions).toBe(1);
    await ada.stop();
  });

  test('a number that does not exist is not waited for: what exists is delivered', async () => {
    all = installation();
    const [here, there] = [all.replica(), all.replica()];
    const channel = all.channel('ada');
    const ada = follow(await subscribe(here, 'ada'));
    const { entry } = {
      entry: { authorId: 'a', clientMessageId: 'b', text: 'forged', metadata: null, mentions: [] },
    };
    const rows = [{ seq: 1_000, at: 1, sendKey: 'k', entry }];
    there.bus.forge(`channel:${all.organizationId}:${channel}`, { from: 'x', log: 'MESSAGES', rows });
    for (let i = 0; i < 3; i += 1) await there.say(channel);
    await until(() => expect(seqs(ada.events)).toEqual(upTo(3)));
    expect(ada.events.some((e) => e.type === 'MessagePosted' && e.row.entry.text === 'forged')).toBe(false);
    // Nor is it looked for without end.
    await new Promise((resolve) => setTimeout(resolve, 50));
    const { range } = all.messages.calls;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(all.messages.calls.range).toBe(range);
    await ada.stop();
  });

  test('a log that went back under a subscription ends it: the client comes back and is told', async () => {
    all = installation({ timings: { routineMs: 50 } });
    const here = all.replica();
    const channel = all.channel('ada');
    const name = `${all.organizationId}:${channel}`;
    for (let i = 0; i < 3; i += 1) await here.say(channel);
    const ada = follow(await subscribe(here, 'ada'));
    all.messages.rows.get(name)?.splice(1);
    expect(await ada.ended).toBeInstanceOf(ResumeRequired);
  });
});
