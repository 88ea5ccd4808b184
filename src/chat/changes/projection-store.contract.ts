/**
 * What every ProjectionStore adapter must do, run by each adapter's test with one line. Each test uses channels of
 * its own, so one store serves the whole suite and may hold anything else.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ChangeEntry, ChangeKind, MessageEntry } from '../log/entries.ts';
import { freshChannel, messageRow, type OpenedLogs } from '../log/log-store.contract.ts';
import { bucketOf, type ChannelKey, type LogRow, type LogStore, StoreUnreachable } from '../log/port.ts';
import { seeded } from '../log/testing/seeded.ts';
import type { ProjectionStore } from './port.ts';
import { content, DecidedChanges } from './testing/decided-changes.ts';

type Change = LogRow<ChangeEntry>;

/** Both logs and the projections of one connection to a store. */
export interface OpenedProjections extends OpenedLogs {
  readonly projections: ProjectionStore;
  /** Everything that anybody could still read of what the store holds, as one text. */
  dump(): Promise<string>;
}

const MESSAGES = 6;
const ALL = { after: 0, before: Number.MAX_SAFE_INTEGER, limit: 200, backward: false };

/** A field of which this version knows nothing, and which says what the message says. */
const ofNewerVersion = (): object => ({ translation: `translated ${randomUUID()}` });
const translationOf = (row: LogRow<MessageEntry> | undefined): string =>
  row !== undefined && 'translation' in row.entry ? String(row.entry.translation) : 'no translation';

/** @param open opens another connection to the same data at each call; its logs have a bucket size of 8 to 64. */
export function projectionStoreContract(name: string, open: () => Promise<OpenedProjections>): void {
  describe(`${name} keeps the contract of projections`, () => {
    let store: OpenedProjections;
    let projections: ProjectionStore;
    beforeAll(async () => {
      store = await open();
      projections = store.projections;
    });
    afterAll(() => store.close());

    /** Appends rows 1 and up as an appender would: bucket by bucket. */
    async function fill<Entry>(log: LogStore<Entry>, channel: ChannelKey, rows: readonly LogRow<Entry>[]) {
      for (const [bucket, part] of Map.groupBy(rows, (row) => bucketOf(row.seq, log.bucketSize))) {
        const before = (part[0]?.seq ?? 1) - 1;
        const expectedLast = before % log.bucketSize === 0 ? null : before;
        const outcome = await log.append({ channel, bucket, expectedLast, rows: part });
        expect(outcome).toEqual({ applied: true });
      }
    }

    /** A channel with messages 1 to `count`. */
    async function channelOf(count = MESSAGES) {
      const channel = freshChannel();
      const sent = Array.from({ length: count }, (_, i) =>
        messageRow(i + 1, {
          entry: {
            ...messageRow(1).entry,
            ...ofNewerVersion(),
            text: `sent ${randomUUID()}`,
            metadata: { note: `noted ${randomUUID()}` },
            mentions: [{ kind: 'USER', userId: randomUUID(), start: 0, length: 4 }],
          },
        }),
      );
      await fill(store.messages, channel, sent);
      return { channel, sent, decided: new DecidedChanges(count) };
    }

    const project = (channel: ChannelKey, ...changes: Change[]) => projections.project(channel, changes);
    const appendChanges = (channel: ChannelKey, { rows }: DecidedChanges) =>
      fill(store.changes, channel, rows);

    async function entryOf(channel: ChannelKey, seq: number): Promise<MessageEntry> {
      const [row] = await store.messages.rows([{ channel, seq }]);
      if (row == null) throw new Error(`message ${seq} is not there`);
      // One message is the same by its number and in a page.
      expect(await store.messages.range(channel, seq, seq)).toEqual([row]);
      return row.entry;
    }
    const projectionOf = async (channel: ChannelKey, seq: number) => (await entryOf(channel, seq)).projection;

    /** All that can be asked of the projections of a channel is as decided. */
    async function expectAsDecided(channel: ChannelKey, sent: LogRow<MessageEntry>[], all: DecidedChanges) {
      const rows = await store.messages.range(channel, 1, sent.length);
      expect(rows.map((row) => row.entry.projection)).toEqual(sent.map(({ seq }) => all.projection(seq)));
      const refs = sent.flatMap(({ seq }) => EMOJI.map((emoji) => ({ channel, seq, emoji })));
      expect(await projections.reactors(refs, 200)).toEqual(
        refs.map(({ seq, emoji }) => [...all.reacted(seq, emoji).keys()]),
      );
      const asked = refs.flatMap((ref) => PEOPLE.map((userId) => ({ ...ref, userId })));
      expect(await projections.reactionRevs(asked)).toEqual(
        asked.map(({ seq, emoji, userId }) => all.reacted(seq, emoji).get(userId) ?? null),
      );
      const pinned = sent.map(({ seq }) => seq).filter((seq) => all.projection(seq)?.pinnedAt !== undefined);
      expect(await projections.pins(channel, ALL)).toEqual(pinned);
    }

    describe('a message', () => {
      test('that nothing changed has no projection', async () => {
        const { channel, sent, decided } = await channelOf();
        await project(channel, decided.pin(2));
        expect(await store.messages.range(channel, 1, 1)).toEqual(sent.slice(0, 1));
        expect(await entryOf(channel, 1)).not.toHaveProperty('projection');
        await expectAsDecided(channel, sent, decided);
      });

      test('shows its newest edit beside what was sent', async () => {
        const { channel, sent, decided } = await channelOf();
        const says = {
          text: '漢字 "quoted"\u0000 🚀',
          metadata: { a: [1, null, { '': 'x' }] },
          mentions: [{ kind: 'HERE' as const, start: 0, length: 5 }],
        };
        await project(channel, decided.edit(1, content('first')));
        await project(channel, decided.edit(1, says));
        expect(await entryOf(channel, 1)).toEqual({
          ...sent[0]?.entry,
          projection: { changedRev: 2, edited: { ...says, at: decided.rows[1]?.at, rev: 2 } },
        });
      });

      test('shows the longest edit', async () => {
        const { channel, sent, decided } = await channelOf();
        await project(
          channel,
          decided.edit(1, { ...content('🚀'.repeat(8_000)), metadata: { x: 'y'.repeat(16_000) } }),
        );
        await expectAsDecided(channel, sent, decided);
      });

      test('shows its reactions, pin and thread, and what of them was taken back no more', async () => {
        const { channel, sent, decided } = await channelOf();
        const [ada = '', grace = ''] = PEOPLE;
        for (const change of [
          () => decided.react(3, '👍', ada),
          () => decided.react(3, '👍', grace),
          () => decided.react(3, ':party_parrot:', ada),
          () => decided.unreact(3, '👍', ada),
          () => decided.unreact(3, ':party_parrot:', ada),
          () => decided.pin(3),
          () => decided.openThread(3),
          () => decided.unpin(3),
          () => decided.unreact(3, '👍', grace),
        ]) {
          await project(channel, change());
          await expectAsDecided(channel, sent, decided);
        }
        expect(await projectionOf(channel, 3)).not.toHaveProperty('reactions');
      });

      test('that is not there stays so', async () => {
        const { channel, sent, decided } = await channelOf();
        const stray = MESSAGES + 1;
        await project(channel, decided.edit(stray, content('stray')), decided.react(stray, '👍'));
        await project(channel, decided.delete(stray));
        expect(await store.messages.range(channel, 1, 100)).toEqual(sent);
        expect(await store.messages.rows([{ channel, seq: stray }])).toEqual([null]);
      });

      test('in any bucket is changed, several at once', async () => {
        const size = store.messages.bucketSize;
        const { channel, sent, decided } = await channelOf(2 * size + 1);
        await project(
          channel,
          ...[1, size, size + 1, 2 * size + 1].flatMap((seq) => [
            decided.edit(seq, content(`edit of ${seq}`)),
            decided.react(seq, '👍'),
            decided.pin(seq),
          ]),
        );
        await expectAsDecided(channel, sent, decided);
      });

      test('of one organization is not changed in another, though the channel’s id be the same', async () => {
        const { channel: ours, decided } = await channelOf();
        const theirs = { ...freshChannel(), channelId: ours.channelId };
        const [ada = ''] = PEOPLE;
        const sent = [messageRow(1)];
        await fill(store.messages, theirs, sent);
        await project(ours, decided.pin(1), decided.react(1, '👍', ada));
        expect(await store.messages.range(theirs, 1, 5)).toEqual(sent);
        expect(await projections.pins(theirs, ALL)).toEqual([]);
        const ref = { channel: theirs, seq: 1, emoji: '👍' };
        expect(await projections.reactors([ref], 10)).toEqual([[]]);
        expect(await projections.reactionRevs([{ ...ref, userId: ada }])).toEqual([null]);
      });
    });

    describe('changes', () => {
      test('that concern no message write nothing', async () => {
        const { channel, sent, decided } = await channelOf();
        const kinds: ChangeKind[] = ['MEMBER_JOINED', 'MEMBER_LEFT', 'CHANNEL_UPDATED'];
        await project(channel, ...kinds.map((kind) => decided.other({ kind })));
        await project(channel);
        await expectAsDecided(channel, sent, decided);
      });

      test('of a kind that a newer version made are kept whole, and write nothing', async () => {
        const { channel, sent, decided } = await channelOf();
        // As a newer replica would hand it over: a kind and fields that this version does not know.
        const newer = { kind: 'TRANSLATED' as ChangeKind, seq: 1, language: 'et', parts: [{ n: 1 }] };
        decided.other({ ...newer, content: content('tõlge') });
        decided.other(newer);
        decided.edit(2, { ...content('with more'), blocks: [1] } as ReturnType<typeof content>);
        await appendChanges(channel, decided);
        expect(await store.changes.range(channel, 1, 10)).toEqual(decided.rows);
        await project(channel, ...decided.rows);
        await expectAsDecided(channel, sent, decided);
      });

      test('of every kind come back from their log as they were', async () => {
        const { channel, decided } = await channelOf();
        const user = randomUUID();
        decided.edit(1, {
          ...content('x'),
          metadata: {},
          mentions: [{ kind: 'CHANNEL', start: 0, length: 8 }],
        });
        decided.edit(1, content(''));
        decided.react(1, '👍', user);
        decided.unreact(1, '👍', user);
        decided.pin(1);
        decided.openThread(1);
        decided.delete(1);
        await appendChanges(channel, decided);
        expect(await store.changes.range(channel, 1, 10)).toEqual(decided.rows);
        expect(await store.changes.rows([{ channel, seq: 4 }])).toEqual([decided.rows[3]]);
      });

      test('come to the same in any order, any number of times, over any connection', async () => {
        const other = await open();
        try {
          for (let seed = 1; seed <= 6; seed++) {
            const random = seeded(seed);
            const { channel, sent, decided } = await channelOf();
            for (let i = 0; i < 40; i++) decideAny(decided, random);
            await appendChanges(channel, decided);
            await Promise.all(
              shuffled([...decided.rows, ...decided.rows], random).map((row, i, all) => {
                const more = all.slice(i, i + Math.floor(random() * 5));
                const batch = [...new Map([row, ...more].map((each) => [each.seq, each])).values()];
                const target = random() < 0.5 ? projections : other.projections;
                return target.project(
                  channel,
                  batch.sort((a, b) => a.seq - b.seq),
                );
              }),
            );
            await expectAsDecided(channel, sent, decided);
          }
        } finally {
          await other.close();
        }
      });

      test('that are older never undo newer ones, each by each', async () => {
        for (let seed = 11; seed <= 13; seed++) {
          const random = seeded(seed);
          const { channel, sent, decided } = await channelOf();
          for (let i = 0; i < 20; i++) decideAny(decided, random);
          await appendChanges(channel, decided);
          for (const row of decided.rows.toReversed()) await project(channel, row);
          await expectAsDecided(channel, sent, decided);
          for (const row of decided.rows) await project(channel, row);
          await expectAsDecided(channel, sent, decided);
        }
      });
    });

    describe('deletion', () => {
      const erased = { text: '', metadata: null, mentions: [] };

      test('leaves the message’s place, author and thread, and nothing of what it said', async () => {
        const { channel, sent, decided } = await channelOf();
        await project(channel, decided.edit(1, content('edited')), decided.pin(1), decided.openThread(1));
        await project(channel, decided.delete(1));
        expect(await entryOf(channel, 1)).toEqual({
          authorId: sent[0]?.entry.authorId,
          clientMessageId: sent[0]?.entry.clientMessageId,
          ...erased,
          projection: decided.projection(1),
        });
        expect(await projections.pins(channel, ALL)).toEqual([]);
        expect((await store.messages.range(channel, 2, MESSAGES)).map((row) => row)).toEqual(sent.slice(1));
      });

      test('is terminal: no edit undoes it, before it, behind it, with it, or at the same moment', async () => {
        const { channel, decided } = await channelOf();
        const before = [1, 2, 3, 4].map((seq) => decided.edit(seq, content('before')));
        const deletions = [1, 2, 3, 4].map((seq) => decided.delete(seq));
        // No appender decides on these; a mistaken one, or a newer version, might.
        const behind = [1, 2, 3, 4].map((seq) => decided.edit(seq, content('behind')));
        await appendChanges(channel, decided);
        await project(channel, ...deletions.slice(0, 1));
        await project(channel, ...before.slice(0, 1), ...behind.slice(0, 1));
        await project(channel, ...behind.slice(1, 2));
        await project(channel, ...before.slice(1, 2), ...deletions.slice(1, 2));
        await project(channel, ...deletions.slice(2, 3), ...behind.slice(2, 3));
        await Promise.all([...deletions, ...before, ...behind].slice(3).map((row) => project(channel, row)));
        for (const seq of [1, 2, 3, 4]) {
          const entry = await entryOf(channel, seq);
          expect(entry).toMatchObject(erased);
          expect(entry.projection).not.toHaveProperty('edited');
          expect(entry.projection?.deletedAt).toBe(deletions[seq - 1]?.at);
          expect(entry.projection?.changedRev).toBe(behind[seq - 1]?.seq);
        }
      });

      test('erases an edit that comes upon it, in the change log too, and the rest of that entry stays', async () => {
        const { channel, decided } = await channelOf();
        const deletions = [decided.delete(1), decided.delete(2)];
        const [late, together] = [decided.edit(1, content('late')), decided.edit(2, content('together'))];
        const kept = decided.edit(3, content('kept'));
        await appendChanges(channel, decided);
        await project(channel, ...deletions.slice(0, 1));
        await project(channel, ...deletions.slice(1), late, together, kept);
        const expected = [late, together].map(({ entry: { content: _, ...entry }, ...row }) => ({
          ...row,
          entry,
        }));
        expect(await store.changes.range(channel, 3, 5)).toEqual([...expected, kept]);
        // Read again from its log, as whoever projects it next has it.
        await project(channel, ...(await store.changes.range(channel, 1, 10)));
        expect(await entryOf(channel, 1)).toMatchObject(erased);
        expect((await projectionOf(channel, 1))?.edited).toBeUndefined();
      });

      test('unpins, whichever of the two comes first or again', async () => {
        const { channel, decided } = await channelOf();
        const pins = [1, 2, 3].map((seq) => decided.pin(seq));
        const deletions = [1, 2].map((seq) => decided.delete(seq));
        await appendChanges(channel, decided);
        await project(channel, ...deletions.slice(0, 1));
        await project(channel, ...pins);
        expect(await projections.pins(channel, ALL)).toEqual([2, 3]);
        await project(channel, ...deletions);
        await project(channel, ...pins);
        expect(await projections.pins(channel, ALL)).toEqual([3]);
        expect((await projectionOf(channel, 1))?.pinnedAt).toBeUndefined();
        expect((await projectionOf(channel, 2))?.pinnedAt).toBeUndefined();
      });

      test('leaves the bytes nowhere to be read', async () => {
        const { channel, sent, decided } = await channelOf();
        const secret = () => `secret ${randomUUID()}`;
        const says = () => ({ text: secret(), metadata: { note: secret() }, mentions: [] });
        const edits = [says(), says(), says()];
        for (const edit of edits) decided.edit(1, edit);
        decided.edit(2, content('stays'));
        const deletion = decided.delete(1);
        const late = says();
        decided.edit(1, late);
        await appendChanges(channel, decided);
        await project(channel, ...decided.rows.slice(0, 4));
        const secrets = [
          ...[...edits, late].flatMap((edit) => [edit.text, edit.metadata.note]),
          sent[0]?.entry.text,
          sent[0]?.entry.metadata?.note,
          translationOf(sent[0]),
        ].map(String);
        const before = await store.dump();
        for (const text of secrets) expect(before).toContain(text);
        await project(channel, deletion);
        await projections.eraseEdits(channel, deletion.entry.earlierEdits ?? []);
        await project(channel, ...decided.rows.slice(-1));
        // As a replica that was asleep meanwhile would.
        await project(channel, ...decided.rows.slice(0, 4));
        const after = await store.dump();
        for (const text of secrets) expect(after).not.toContain(text);
        expect(after).toContain('stays');
        expect(after).toContain(String(sent[1]?.entry.text));
        expect(after).toContain(translationOf(sent[1]));
      });
    });

    test('erasing edits takes their content alone, whatever else is named', async () => {
      const { channel, decided } = await channelOf();
      decided.edit(1, content('one'));
      decided.pin(1);
      decided.edit(2, content('two'));
      await appendChanges(channel, decided);
      await projections.eraseEdits(channel, [1, 2, 99]);
      await projections.eraseEdits(channel, [1]);
      await projections.eraseEdits(channel, []);
      const [first, ...rest] = decided.rows;
      const { content: _, ...entry } = first?.entry ?? {};
      expect(await store.changes.range(channel, 1, 10)).toEqual([{ ...first, entry }, ...rest]);
    });

    describe('reactions', () => {
      test('are told by the order in which they were given, the first few', async () => {
        const { channel, decided } = await channelOf();
        const [ada = '', grace = '', edsger = ''] = PEOPLE;
        decided.react(1, '👍', ada);
        decided.react(1, '👍', grace);
        decided.react(1, '👍', edsger);
        decided.react(2, '👍', grace);
        // Whoever takes it back and gives it again comes last.
        decided.unreact(1, '👍', ada);
        decided.react(1, '👍', ada);
        await project(channel, ...decided.rows);
        const refs = [1, 2, 3].map((seq) => ({ channel, seq, emoji: '👍' }));
        expect(await projections.reactors(refs, 10)).toEqual([[grace, edsger, ada], [grace], []]);
        expect(await projections.reactors(refs, 2)).toEqual([[grace, edsger], [grace], []]);
        expect(await projections.reactors(refs, 0)).toEqual([[], [], []]);
        expect(await projections.reactors([], 10)).toEqual([]);
        expect(await projections.reactors([{ channel, seq: 1, emoji: '👎' }], 10)).toEqual([[]]);
        // Nobody who is there came before what their summary says.
        const since = decided.projection(1)?.reactions?.['👍']?.since;
        expect(since).toBe(2);
        const withSince = refs.slice(0, 1).map((ref) => ({ ...ref, since: since ?? 0 }));
        expect(await projections.reactors(withSince, 10)).toEqual([[grace, edsger, ada]]);
      });

      test('of each person are told in the order asked, of many messages and channels at once', async () => {
        const [one, two] = [await channelOf(), await channelOf()];
        const [ada = '', grace = ''] = PEOPLE;
        one.decided.react(1, '👍', ada);
        one.decided.react(4, '👎', ada);
        one.decided.unreact(1, '👍', ada);
        two.decided.react(1, '👍', grace);
        await project(one.channel, ...one.decided.rows);
        await project(two.channel, ...two.decided.rows);
        expect(
          await projections.reactionRevs([
            { channel: two.channel, seq: 1, emoji: '👍', userId: grace },
            { channel: one.channel, seq: 1, emoji: '👍', userId: ada },
            { channel: one.channel, seq: 4, emoji: '👎', userId: ada },
            { channel: one.channel, seq: 4, emoji: '👍', userId: ada },
            { channel: two.channel, seq: 1, emoji: '👍', userId: ada },
            { channel: two.channel, seq: 1, emoji: '👍', userId: grace },
          ]),
        ).toEqual([1, null, 2, null, null, 1]);
        expect(await projections.reactionRevs([])).toEqual([]);
      });

      test('of 10,000 people lie in a row that is no larger for it', async () => {
        const { channel, decided } = await channelOf();
        const people = Array.from({ length: 10_000 }, () => randomUUID());
        for (const userId of people) decided.react(1, '👍', userId);
        // Eight at once, in whatever order they come.
        const starts = Array.from({ length: Math.ceil(10_000 / 64) }, (_, i) => i * 64).values();
        const work = async () => {
          for (const i of starts) await projections.project(channel, decided.rows.slice(i, i + 64));
        };
        await Promise.all(Array.from({ length: 8 }, work));
        const projection = await projectionOf(channel, 1);
        expect(projection).toEqual({
          changedRev: 10_000,
          reactions: { '👍': { count: 10_000, since: 1, first: people.slice(0, 5) } },
        });
        const ref = { channel, seq: 1, emoji: '👍' };
        expect(await projections.reactors([ref], 200)).toEqual([people.slice(0, 200)]);
        expect(
          await projections.reactionRevs([0, 4_999, 9_999].map((i) => ({ ...ref, userId: people[i] ?? '' }))),
        ).toEqual([1, 5_000, 10_000]);
      }, 240_000);

      test('by any name are told apart', async () => {
        const { channel, sent, decided } = await channelOf();
        for (const emoji of EMOJI) decided.react(1, emoji, PEOPLE[0]);
        for (const emoji of [':__proto__:', 'constructor', "it's", '👨‍👩‍👧‍👦', '']) decided.react(2, emoji);
        await project(channel, ...decided.rows);
        await expectAsDecided(channel, sent, decided);
      });
    });

    test('pins are paged from both ends', async () => {
      const { channel, decided } = await channelOf(20);
      for (const seq of [9, 3, 17, 12, 5, 20]) decided.pin(seq);
      decided.unpin(12);
      await project(channel, ...decided.rows);
      const pins = (page: Partial<typeof ALL>) => projections.pins(channel, { ...ALL, ...page });
      expect(await pins({})).toEqual([3, 5, 9, 17, 20]);
      expect(await pins({ limit: 2 })).toEqual([3, 5]);
      expect(await pins({ limit: 2, backward: true })).toEqual([17, 20]);
      expect(await pins({ after: 5, limit: 2 })).toEqual([9, 17]);
      expect(await pins({ before: 17, limit: 2, backward: true })).toEqual([5, 9]);
      expect(await pins({ after: 3, before: 17 })).toEqual([5, 9]);
      expect(await pins({ after: 9, before: 17 })).toEqual([]);
      expect(await pins({ after: 17, before: 9 })).toEqual([]);
      expect(await pins({ limit: 0 })).toEqual([]);
      expect(await projections.pins(freshChannel(), ALL)).toEqual([]);
    });

    describe('how far a log is projected', () => {
      test('is told with the state of the bucket of that rev, and never moves back', async () => {
        const { channel, decided } = await channelOf();
        const size = store.changes.bucketSize;
        for (let i = 0; i < size + 2; i++) decided.pin(1);
        await appendChanges(channel, decided);
        const [first, second] = [0, 1].map((bucket) => ({ channel, bucket }));
        if (first === undefined || second === undefined) throw new Error('two buckets');
        const told = async () =>
          (await store.changes.states([first, second])).map((state) => state?.projected);
        expect(await told()).toEqual([undefined, undefined]);
        await projections.noteProjected(channel, size);
        expect(await told()).toEqual([size, undefined]);
        await projections.noteProjected(channel, size + 2);
        await projections.noteProjected(channel, size + 1);
        await projections.noteProjected(channel, 3);
        expect(await told()).toEqual([size, size + 2]);
        const sendKeys = [decided.rows[size]?.sendKey ?? '', 'nobody/nothing'];
        expect(await store.changes.consult(second, sendKeys)).toEqual({
          state: { last: size + 2, lastAt: decided.rows.at(-1)?.at, projected: size + 2 },
          sends: new Map([[sendKeys[0], size + 1]]),
        });
        expect((await store.changes.consult(second, [])).state?.projected).toBe(size + 2);
        // What is appended next leaves it as it is.
        const next = [decided.unpin(1)];
        const batch = { channel, bucket: 1, expectedLast: size + 2, rows: next };
        expect(await store.changes.append(batch)).toEqual({ applied: true });
        expect(await told()).toEqual([size, size + 2]);
      });

      test('is of the change log alone', async () => {
        const { channel, decided } = await channelOf();
        decided.pin(1);
        await appendChanges(channel, decided);
        await projections.noteProjected(channel, 1);
        expect((await store.messages.states([{ channel, bucket: 0 }]))[0]).not.toHaveProperty('projected');
      });
    });

    test('what one connection has projected, every other sees', async () => {
      const other = await open();
      try {
        const { channel, decided } = await channelOf();
        const user = randomUUID();
        await project(channel, decided.pin(1), decided.react(1, '👍', user));
        expect((await other.messages.range(channel, 1, 1))[0]?.entry.projection).toEqual(
          decided.projection(1),
        );
        expect(await other.projections.pins(channel, ALL)).toEqual([1]);
        expect(await other.projections.reactors([{ channel, seq: 1, emoji: '👍' }], 5)).toEqual([[user]]);
      } finally {
        await other.close();
      }
    });

    test('an append that carries a projection leaves it behind', async () => {
      const channel = freshChannel();
      const { entry, ...row } = messageRow(1);
      const carrying = { ...row, entry: { ...entry, projection: { changedRev: 3, pinnedAt: 1 } } };
      await fill(store.messages, channel, [carrying]);
      expect(await store.messages.range(channel, 1, 1)).toEqual([{ ...row, entry }]);
      const decided = new DecidedChanges(1);
      await project(channel, decided.edit(1, content('edited')));
      expect(await projectionOf(channel, 1)).toEqual(decided.projection(1));
    });

    test('after close every method says that it did nothing', async () => {
      const closed = await open();
      await closed.close();
      const { channel, sent, decided } = await channelOf(1);
      const ref = { channel, seq: 1, emoji: '👍', userId: 'u' };
      const calls = [
        () => closed.projections.project(channel, [decided.pin(1)]),
        () => closed.projections.eraseEdits(channel, [1]),
        () => closed.projections.noteProjected(channel, 1),
        () => closed.projections.reactionRevs([ref]),
        () => closed.projections.reactors([ref], 5),
        () => closed.projections.pins(channel, ALL),
      ];
      for (const call of calls) await expect(call()).rejects.toBeInstanceOf(StoreUnreachable);
      expect(await store.messages.range(channel, 1, 1)).toEqual(sent);
    });
  });
}

const EMOJI = ['👍', ':party_parrot:', '❤️'];
const PEOPLE = Array.from({ length: 7 }, () => randomUUID());

/** Some change that an appender might decide on, given what came before. */
function decideAny(decided: DecidedChanges, random: () => number): void {
  const one = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T;
  const seq = 1 + Math.floor(random() * MESSAGES);
  const emoji = one(EMOJI);
  const [reacted] = decided.reacted(seq, emoji).keys();
  const projection = decided.projection(seq);
  if (projection?.deletedAt !== undefined) return void decided.other({ kind: 'CHANNEL_UPDATED' });
  const draw = random();
  if (draw < 0.25) decided.edit(seq, content(`edit ${randomUUID()}`));
  else if (draw < 0.32) decided.delete(seq);
  else if (draw < 0.45 && projection?.pinnedAt === undefined) decided.pin(seq);
  else if (draw < 0.55 && projection?.pinnedAt !== undefined) decided.unpin(seq);
  else if (draw < 0.6 && projection?.threadId === undefined) decided.openThread(seq);
  else if (draw < 0.8 && reacted !== undefined) decided.unreact(seq, emoji, reacted);
  else {
    const absent = PEOPLE.filter((userId) => !decided.reacted(seq, emoji).has(userId));
    if (absent.length > 0) decided.react(seq, emoji, one(absent));
  }
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => [random(), item] as const)
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item);
}
