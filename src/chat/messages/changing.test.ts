/** Who may change a message and what they are told, on the memory model of both logs. */
import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { uuidv7 } from '../ids.ts';
import type { Viewer } from '../viewer.ts';
import { contentNow } from './content.ts';
import type { Message } from './message.ts';
import { type OnMemory, onMemory, say } from './testing/on-memory.ts';

let world: OnMemory;
let ada: Viewer;
let grace: Viewer;
let admin: Viewer;
let reader: Viewer;
let seq: number;

beforeEach(async () => {
  world = onMemory();
  ada = world.person('ada', { role: 'MEMBER' });
  grace = world.person('grace', { role: 'MEMBER' });
  admin = world.person('root', { role: 'ADMIN' });
  reader = world.person('reader');
  seq = await say(world, ada, 'hello');
});

const ref = () => ({ channelId: world.channelId, seq });
const edit = (viewer: Viewer, text: string, given: { clientChangeId?: string; seq?: number } = {}) =>
  world.messages.edit(viewer, { ...ref(), text, clientChangeId: null, ...given });
const textOf = ({ row }: Message) => contentNow(row.entry).text;

/** Each kind of change, by this viewer, of this message. */
const everyChange = (viewer: Viewer, of = ref()): (() => Promise<Message>)[] => [
  () => world.messages.edit(viewer, { ...of, text: 'changed', clientChangeId: null }),
  () => world.messages.delete(viewer, of),
  () => world.messages.react(viewer, { ...of, emoji: '👍' }, true),
  () => world.messages.react(viewer, { ...of, emoji: '👍' }, false),
  () => world.messages.setPinned(viewer, of, true),
  () => world.messages.setPinned(viewer, of, false),
];

describe('editing', () => {
  test('is its author’s, and names people anew', async () => {
    const message = await edit(ada, 'hello @grace');
    expect(textOf(message)).toBe('hello @grace');
    expect(contentNow(message.row.entry).mentions).toEqual([
      { kind: 'USER', userId: grace.userId, start: 6, length: 6 },
    ]);
    for (const other of [grace, admin, reader]) {
      await expect(edit(other, 'mine')).rejects.toMatchObject({ code: 'FORBIDDEN' });
    }
  });

  test('keeps metadata that it does not name, and takes away what it gives as null', async () => {
    await world.messages.edit(ada, { ...ref(), text: 'a', metadata: { a: 1 }, clientChangeId: null });
    expect(contentNow((await edit(ada, 'b')).row.entry)).toMatchObject({ text: 'b', metadata: { a: 1 } });
    const cleared = await world.messages.edit(ada, {
      ...ref(),
      text: 'b',
      metadata: null,
      clientChangeId: null,
    });
    expect(contentNow(cleared.row.entry).metadata).toBeNull();
  });

  test('repeated answers with the message as it is now, and undoes nothing', async () => {
    const clientChangeId = uuidv7(world.now);
    await edit(ada, 'first', { clientChangeId });
    await edit(ada, 'second');
    expect(textOf(await edit(ada, 'first', { clientChangeId }))).toBe('second');
    await world.messages.delete(admin, ref());
    expect(textOf(await edit(ada, 'first', { clientChangeId }))).toBe('');
    expect((await world.heads()).rev).toBe(3);
  });

  test('of another message by the same name is a conflict', async () => {
    const clientChangeId = randomUUID();
    await edit(ada, 'first', { clientChangeId });
    const other = await say(world, ada, 'other');
    await expect(edit(ada, 'first', { clientChangeId, seq: other })).rejects.toMatchObject({
      code: 'CONFLICT',
    });
  });

  test('ends with the membership; deleting one’s own words does not', async () => {
    world.leave(ada);
    await expect(edit(ada, 'still here')).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect(textOf(await world.messages.delete(ada, ref()))).toBe('');
  });

  test('has the limits of sending', async () => {
    const bad = { code: 'BAD_USER_INPUT' };
    await expect(edit(ada, '')).rejects.toMatchObject(bad);
    await expect(edit(ada, 'x'.repeat(16_001))).rejects.toMatchObject(bad);
    const metadata = { a: 'x'.repeat(16 * 1024) };
    await expect(
      world.messages.edit(ada, { ...ref(), text: 'a', metadata, clientChangeId: null }),
    ).rejects.toMatchObject(bad);
    expect((await world.heads()).rev).toBe(0);
  });
});

describe('deleting', () => {
  test('is its author’s and an admin’s, and repeated does nothing', async () => {
    await expect(world.messages.delete(grace, ref())).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(world.messages.delete(reader, ref())).rejects.toMatchObject({ code: 'FORBIDDEN' });
    const deleted = await world.messages.delete(admin, ref());
    expect(textOf(deleted)).toBe('');
    expect(deleted.row.entry.projection?.deletedAt).toBeDefined();
    expect((await world.messages.delete(ada, ref())).row).toEqual(deleted.row);
    const other = { ...ref(), seq: await say(world, ada, 'other') };
    expect(textOf(await world.messages.delete(ada, other))).toBe('');
    const third = { ...ref(), seq: await say(world, ada, 'third') };
    const owner = world.person('owner', { isAdmin: true });
    expect(textOf(await world.messages.delete(owner, third))).toBe('');
  });
});

describe('reacting and pinning', () => {
  test('is for members, and twice is once', async () => {
    for (const member of [ada, grace, ada]) {
      await world.messages.react(member, { ...ref(), emoji: '👍' }, true);
      await world.messages.setPinned(member, ref(), true);
    }
    const { rev } = await world.heads();
    expect(rev).toBe(3);
    const { row } = await world.messages.react(grace, { ...ref(), emoji: '🎉' }, false);
    expect(row.entry.projection).toMatchObject({
      reactions: { '👍': { count: 2, first: [ada.userId, grace.userId] } },
      pinnedAt: expect.any(Number),
    });
    const forbidden = { code: 'FORBIDDEN' };
    await expect(world.messages.react(reader, { ...ref(), emoji: '👍' }, true)).rejects.toMatchObject(
      forbidden,
    );
    await expect(world.messages.setPinned(reader, ref(), false)).rejects.toMatchObject(forbidden);
    const wrong = { ...ref(), emoji: 'thumbs' };
    await expect(world.messages.react(ada, wrong, true)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  });

  test('with the same heart in two spellings is one reaction', async () => {
    await world.messages.react(ada, { ...ref(), emoji: '\u2764' }, true);
    const { row } = await world.messages.react(ada, { ...ref(), emoji: '\u2764\ufe0f' }, true);
    expect(Object.keys(row.entry.projection?.reactions ?? {})).toEqual(['\u2764\ufe0f']);
  });
});

describe('all of them', () => {
  test('answer alike for a message that is not there, one of a foreign channel, and one not to be seen', async () => {
    const answers = new Set<string>();
    const stranger = { ...ada, tenant: { ...ada.tenant, organizationId: uuidv7(9) } };
    const attempts = [
      ...everyChange(ada, { ...ref(), seq: 99 }),
      ...everyChange(ada, { ...ref(), seq: 0 }),
      ...everyChange(ada, { ...ref(), channelId: uuidv7(9) }),
      ...everyChange(stranger),
    ];
    world.channel = { ...world.channel, visibility: 'PRIVATE' };
    for (const attempt of [...attempts, ...everyChange(reader)]) {
      await attempt().catch((error: Error) =>
        answers.add(JSON.stringify([Reflect.get(error, 'code'), error.message])),
      );
    }
    expect([...answers]).toEqual([
      JSON.stringify(['NOT_FOUND', 'The message does not exist, or you may not see it.']),
    ]);
    expect((await world.heads()).rev).toBe(0);
  });

  test('are refused in an archived channel', async () => {
    world.channel = { ...world.channel, archivedAt: new Date() };
    for (const viewer of [ada, admin]) {
      for (const attempt of everyChange(viewer)) {
        await expect(attempt()).rejects.toMatchObject({ code: 'FORBIDDEN' });
      }
    }
    expect((await world.heads()).rev).toBe(0);
  });
});
