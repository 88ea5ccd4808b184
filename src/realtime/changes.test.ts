/** Changes of messages, as they are told live, when they were missed on the bus, and in a replay. */
import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { decodeEventCursor } from '../chat/cursors/cursor.ts';
import type { LiveEvent } from '../chat/live/port.ts';
import type { ChangeEntry } from '../chat/log/entries.ts';
import { briefs, cursor, sleep, until } from './testing/reading.ts';
import {
  type Follower,
  follow,
  type Installation,
  type InstallationOptions,
  installation,
  type Replica,
} from './testing/replicas.ts';
import { channelName, channelTopic } from './topic-names.ts';

let all: Installation;
const followers: Follower[] = [];
afterEach(async () => {
  for (const follower of followers.splice(0)) await follower.stop();
  await all.close();
});

const begin = (options: InstallationOptions = {}): [Replica, Replica] => {
  all = installation(options);
  return [all.replica(), all.replica()];
};
async function events({ live }: Replica, after: string[] = [], replayLimit = 1_000): Promise<Follower> {
  const options = { after, replayLimit, connectionId: 'c' };
  const follower = follow(await live.events(all.viewer('ada'), options));
  followers.push(follower);
  await until(() => expect(briefs(follower)).toContain('Ready'));
  return follower;
}
const edit = (text: string) => ({ kind: 'EDITED', content: { text, metadata: null, mentions: [] } }) as const;
const react = (emoji: string, count: number): Pick<ChangeEntry, 'kind'> & Partial<ChangeEntry> => ({
  kind: 'REACTION_ADDED',
  userId: 'bob',
  emoji,
  reaction: { count, since: 1, first: ['bob'] },
});

describe('a live change', () => {
  test('is told here and on another replica, alike and with its place', async () => {
    const [here, there] = begin();
    const channel = all.channel('ada');
    const both = [await events(here), await events(there)];
    await here.say(channel);
    await here.alter(channel, 1, edit('better'));
    await here.alter(channel, 1, react('😀', 3));
    await here.alter(channel, 1, {
      kind: 'REACTION_REMOVED',
      userId: 'bob',
      emoji: '😀',
      reaction: null,
      addedRev: 2,
    });
    await here.alter(channel, 1, { kind: 'PINNED' });
    await here.alter(channel, 1, { kind: 'UNPINNED' });
    await here.alter(channel, 1, { kind: 'THREAD_OPENED', threadId: randomUUID() });
    await here.alter(channel, 1, { kind: 'DELETED', earlierEdits: [1] });
    for (const one of both) {
      await until(() =>
        expect(briefs(one).slice(-8)).toEqual([
          'm1',
          'EDITED1',
          '+😀1',
          '-😀1',
          'PINNED1',
          'UNPINNED1',
          'THREAD1',
          'DELETED1',
        ]),
      );
      const told = one.events.slice(-7);
      expect(told.map((event) => event.cursor)).toEqual(
        [1, 2, 3, 4, 5, 6, 7].map((rev) => cursor(channel, 1, rev)),
      );
      expect(told[1]).toMatchObject({
        type: 'ReactionChanged',
        emoji: '😀',
        count: 3,
        userId: 'bob',
        isAdded: true,
      });
      expect(told[2]).toMatchObject({ type: 'ReactionChanged', count: 0, isAdded: false });
    }
    expect(there.live.stats().rejected).toBe(0);
  });

  test('missed on the bus is read from the log, after the messages that it knew', async () => {
    const [here, there] = begin({ timings: { routineMs: 60_000 } });
    const channel = all.channel('ada');
    await here.say(channel);
    const ada = await events(there);
    await until(() => expect(briefs(ada)).toContain('CaughtUp all'));
    all.network.faults.drop = 1;
    await here.alter(channel, 1, edit('one'));
    await here.say(channel);
    await here.alter(channel, 2, { kind: 'PINNED' });
    all.network.faults.drop = 0;
    await here.alter(channel, 1, edit('two'));
    await until(() => expect(briefs(ada).slice(-4)).toEqual(['EDITED1', 'm2', 'PINNED2', 'EDITED1']));
  });

  test('too large for the bus is told by its number, and read', async () => {
    const [here, there] = begin({ bounds: { publicationBytes: 4_000 } });
    const channel = all.channel('ada');
    const ada = await events(there);
    const heard = vi.fn();
    there.bus.subscribe(channelTopic({ organizationId: all.organizationId, channelId: channel }), heard);
    await here.say(channel, 'x'.repeat(10_000));
    await here.alter(channel, 1, edit('y'.repeat(10_000)));
    await here.alter(channel, 1, { kind: 'PINNED' });
    await until(() => expect(briefs(ada).slice(-3)).toEqual(['m1', 'EDITED1', 'PINNED1']));
    const sizes = heard.mock.calls.map(([payload]) => JSON.stringify(payload).length);
    expect(Math.max(...sizes)).toBeLessThan(1_000);
    expect(there.live.stats().rejected).toBe(0);
  });

  test('of a kind that only a newer version knows: what can be said is said, and its place counts', async () => {
    const [here, there] = begin();
    const channel = all.channel('ada');
    const ada = await events(there);
    await here.say(channel);
    // As a newer version's: the type of this one does not know the word.
    const kind = 'TRANSLATED' as ChangeEntry['kind'];
    await here.alter(channel, 1, { kind });
    await here.note(channel, kind);
    await here.alter(channel, 1, { kind: 'PINNED' });
    await until(() => expect(briefs(ada).slice(-3)).toEqual(['m1', 'SEVERAL1', 'PINNED1']));
    expect(ada.events.at(-1)?.cursor).toBe(cursor(channel, 1, 3));
    const replayed = await events(here, [cursor(channel, 0, 0)]);
    await until(() =>
      expect(briefs(replayed)).toEqual(['Ready', 'm1', 'SEVERAL1', 'CaughtUp', 'CaughtUp all']),
    );
    expect(replayed.events[3]?.cursor).toBe(cursor(channel, 1, 3));
  });
});

describe('a replay', () => {
  /** Every place that the client was given. */
  const cursors = (events: readonly LiveEvent[]): string[] =>
    events.flatMap(({ cursor: place, channelId }) => (place === null || channelId === null ? [] : [place]));

  test('gives a message that was edited three hundred times once, at its newest change', async () => {
    const [here] = begin();
    const channel = all.channel('ada');
    for (let i = 0; i < 3; i += 1) await here.say(channel);
    for (let i = 1; i <= 300; i += 1) {
      await here.alter(channel, 2, edit(`edit ${i}`));
      if (i % 100 === 0) await here.alter(channel, 1, { kind: 'PINNED' });
      if (i === 150) await here.note(channel, 'MEMBER_JOINED', 'bob');
      if (i === 250) await here.say(channel);
    }
    const ada = await events(here, [cursor(channel, 3, 0)]);
    await until(() => expect(briefs(ada)).toContain('CaughtUp all'));
    expect(briefs(ada)).toEqual(['Ready', '+bob', 'm4', 'SEVERAL2', 'SEVERAL1', 'CaughtUp', 'CaughtUp all']);
    expect(ada.events.map((event) => event.cursor).slice(1, 6)).toEqual([
      cursor(channel, 3, 152),
      cursor(channel, 4, 253),
      cursor(channel, 4, 303),
      cursor(channel, 4, 304),
      cursor(channel, 4, 304),
    ]);
    // The rows behind it were read once for each chunk, not once for each edit.
    expect(all.changes.calls.range).toBeLessThan(10);
  });

  test('tells of a change of which the message’s row knows nothing, as of one that only a newer version makes', async () => {
    const [here] = begin();
    const channel = all.channel('ada');
    const before = await here.say(channel);
    await here.alter(channel, 1, { kind: 'TRANSLATED' as ChangeEntry['kind'] });
    all.messages.rows.set(channelName({ organizationId: all.organizationId, channelId: channel }), [before]);
    const ada = await events(here, [cursor(channel, 1, 0)]);
    await until(() => expect(briefs(ada)).toContain('CaughtUp all'));
    expect(briefs(ada)).toEqual(['Ready', 'SEVERAL1', 'CaughtUp', 'CaughtUp all']);
  });

  test('broken off anywhere and resumed misses nothing and repeats nothing', async () => {
    const [here] = begin({ bounds: { chunk: 7 } });
    const channel = all.channel('ada');
    for (let i = 0; i < 5; i += 1) await here.say(channel);
    for (let i = 1; i <= 60; i += 1) {
      await here.alter(channel, (i % 5) + 1, edit(`edit ${i}`));
      if (i % 9 === 0) await here.note(channel, 'MEMBER_JOINED', `user${i}`);
      if (i % 20 === 0) await here.say(channel);
    }
    const told = async (after: string): Promise<Follower> => {
      const one = await events(here, [after]);
      await until(() => expect(briefs(one)).toContain('CaughtUp all'));
      return one;
    };
    const whole = await told(cursor(channel, 2, 3));
    const kept = whole.events.filter((event) => event.cursor !== null && event.type !== 'CaughtUp');
    expect(kept.length).toBeGreaterThan(12);
    for (const [i, place] of cursors(kept).entries()) {
      const rest = await told(place);
      const again = rest.events.filter((event) => event.cursor !== null && event.type !== 'CaughtUp');
      expect(again).toEqual(kept.slice(i + 1));
      await rest.stop();
    }
  });

  test('tells again of a message that is changed while it is read, and of none too late', async () => {
    const [here] = begin({ bounds: { chunk: 2 } });
    const channel = all.channel('ada');
    for (let i = 0; i < 4; i += 1) await here.say(channel);
    for (let i = 1; i <= 4; i += 1) await here.alter(channel, i, { kind: 'PINNED' });
    const options = { after: [cursor(channel, 4, 0)], replayLimit: 1_000, connectionId: 'c' };
    const iterator = await here.live.events(all.viewer('ada'), options);
    expect((await iterator.next()).value).toMatchObject({ type: 'Ready' });
    expect((await iterator.next()).value).toMatchObject({ type: 'MessageUpdated', seq: 1 });
    // One that was told, one that is read already, one that is not.
    for (const seq of [1, 2, 4]) await here.alter(channel, seq, edit('new'));
    const ada = follow(iterator);
    followers.push(ada);
    await until(() => expect(briefs(ada)).toContain('CaughtUp all'));
    const newest = new Map<number, number>();
    for (const event of ada.events) {
      if (event.type === 'MessageUpdated' && event.cursor !== null) {
        newest.set(event.seq, decodeEventCursor(event.cursor).rev);
      }
    }
    expect(newest).toEqual(
      new Map([
        [2, 6],
        [3, 3],
        [1, 5],
        [4, 7],
      ]),
    );
    expect(briefs(ada).filter((b) => b === 'SEVERAL4')).toHaveLength(1);
  });

  test('of more changes than are walked is skipped over, and says from where to ask', async () => {
    const [here] = begin();
    const channel = all.channel('ada');
    await here.say(channel);
    const key = { organizationId: all.organizationId, channelId: channel };
    const entry: ChangeEntry = { ...edit('again'), head: 1, actorId: 'a', userId: null, seq: 1 };
    for (let i = 0; i < 16_385; i += 1) all.changes.put(key, entry);
    const ada = await events(here, [cursor(channel, 1, 0)]);
    await until(() => expect(briefs(ada)).toContain('CaughtUp all'));
    expect(briefs(ada)).toEqual(['Ready', 'HistorySkipped', 'ChannelUpdated', 'CaughtUp', 'CaughtUp all']);
    expect(ada.events[1]).toMatchObject({ after: cursor(channel, 1, 0), count: 0 });
    const exactly = await events(here, [cursor(channel, 1, 1)]);
    await until(() => expect(briefs(exactly)).toContain('CaughtUp all'));
    expect(briefs(exactly)).toEqual(['Ready', 'SEVERAL1', 'CaughtUp', 'CaughtUp all']);
  });
});

describe('what a deleted message had said', () => {
  const begun = async ({ live }: Replica, after: string[] = []) => {
    const iterator = await live.events(all.viewer('ada'), {
      after,
      replayLimit: 1_000,
      connectionId: 'c',
    });
    expect((await iterator.next()).value).toMatchObject({ type: 'Ready' });
    return iterator;
  };
  const rest = async (iterator: AsyncIterableIterator<LiveEvent>): Promise<readonly LiveEvent[]> => {
    const ada = follow(iterator);
    followers.push(ada);
    // In a replay all changes are told in one.
    await until(() => expect(briefs(ada).join(' ')).toMatch(/(DELETED|SEVERAL)2/));
    return ada.events;
  };
  const texts = (events: readonly LiveEvent[]) =>
    events.flatMap((event) =>
      event.type === 'MessagePosted'
        ? [[event.row.entry.text, event.row.entry.projection?.deletedAt !== undefined]]
        : [],
    );
  const expected = [
    ['one', false],
    ['', true],
    ['three', false],
  ];

  test('does not wait for a slow listener', async () => {
    const [here, there] = begin();
    const channel = all.channel('ada');
    const iterator = await begun(there);
    for (const text of ['one', 'two', 'three']) await here.say(channel, text);
    await here.alter(channel, 2, { ...edit('better'), head: 3 });
    await here.alter(channel, 2, { kind: 'DELETED', earlierEdits: [1] });
    await sleep(50);
    expect(texts(await rest(iterator))).toEqual(expected);
  });

  test.each([true, false])(
    'is not given by a replay that has read it; read just then: %s',
    async (isEarly) => {
      const [here, there] = begin();
      const channel = all.channel('ada');
      for (const text of ['one', 'two', 'three']) await here.say(channel, text);
      await here.alter(channel, 2, edit('better'));
      const { range } = there.messages;
      const { promise: isRead, resolve: read } = Promise.withResolvers<void>();
      const { promise: isReleased, resolve: release } = Promise.withResolvers<void>();
      vi.spyOn(there.messages, 'range').mockImplementationOnce(async (...asked) => {
        const rows = await range(...asked);
        read();
        await isReleased;
        return rows;
      });
      const iterator = await begun(there, [cursor(channel, 0, 0)]);
      const first = iterator.next();
      await isRead;
      if (!isEarly) {
        release();
        await first;
      }
      await here.alter(channel, 2, { kind: 'DELETED', earlierEdits: [1] });
      await sleep(50);
      release();
      const { value } = await first;
      expect(texts([...(value === undefined ? [] : [value]), ...(await rest(iterator))])).toEqual(expected);
    },
  );
});

describe('replies in a thread', () => {
  const ticks = ({ events: told }: Follower): LiveEvent[] =>
    told.filter((event) => event.type === 'MessageUpdated' && event.cursor === null);

  test('tell the parent’s listeners on every replica: at once, then seldom, the last time always', async () => {
    const [here, there] = begin({ timings: { threadMs: 60 } });
    const channel = all.channel('ada');
    await here.say(channel);
    const both = [await events(here), await events(there)];
    for (const one of both) await until(() => expect(briefs(one)).toContain('CaughtUp all'));
    const parent = { organizationId: all.organizationId, channelId: channel };
    for (let i = 0; i < 50; i += 1) here.publisher.threadMoved(parent, 1);
    for (const one of both) {
      await until(() => expect(ticks(one)).toHaveLength(2));
      expect(ticks(one)[0]).toEqual({
        type: 'MessageUpdated',
        channelId: channel,
        cursor: null,
        seq: 1,
        change: 'THREAD',
      });
    }
    await sleep(200);
    for (const one of both) expect(ticks(one)).toHaveLength(2);
    here.publisher.threadMoved(parent, 1);
    for (const one of both) await until(() => expect(ticks(one)).toHaveLength(3));
  });

  test('from several replicas at once are told no more often', async () => {
    const [here, there] = begin({ timings: { threadMs: 1_000_000 } });
    const channel = all.channel('ada');
    const ada = await events(there);
    await until(() => expect(briefs(ada)).toContain('CaughtUp all'));
    const parent = { organizationId: all.organizationId, channelId: channel };
    for (let i = 0; i < 10; i += 1) {
      here.publisher.threadMoved(parent, 7);
      there.publisher.threadMoved(parent, 7);
    }
    await here.say(channel);
    await until(() => expect(briefs(ada)).toContain('m1'));
    expect(ticks(ada)).toHaveLength(1);
  });
});
