/** The embedded message store brought back from a copy: what the people and their clients find afterwards. */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type App, startApp } from '../app.ts';
import { silentLogger } from '../chat/logger.ts';
import { readConfig } from '../config/config.ts';
import { FolderInUse } from '../stores/folder-lock.ts';
import { tokenFor } from './people.ts';
import { restoreCell } from './restore.ts';
import { type Person, person, see, send } from './testing/person.ts';

const options = { logger: silentLogger };
let folder: string;
let app: App | null = null;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backscroll-restore-'));
});
afterAll(async () => {
  await app?.close();
  await rm(folder, { recursive: true });
});

const config = () => readConfig({ DATA_DIR: folder, PORT: '0' });
const start = async (): Promise<App> => {
  app = await startApp(config(), silentLogger);
  return app;
};
const stop = async (): Promise<void> => {
  await app?.close();
  app = null;
};
async function signIn(running: App, handle: string): Promise<Person> {
  const request = { organization: 'demo', handle, lifeMs: 3_600_000 };
  return person(running, (await tokenFor(config(), options, request)).token);
}
const store = (name: string) => ['', '-wal', '-shm'].map((end) => join(folder, `${name}${end}`));

const request = (cell = 'default', isConfirmed = true) => ({
  cell,
  isPaxosCleared: false,
  confirm: async () => isConfirmed,
  onProgress: () => undefined,
});

test('read marks, threads, numbers and cursors after a restore', { timeout: 240_000 }, async () => {
  let running = await start();
  let ada = await signIn(running, 'ada');
  const { createChannel } = await ada.ask<{ createChannel: { channel: { id: string } } }>(
    'mutation { createChannel(input: { name: "Restored" }) { channel { id } } }',
  );
  const { id } = createChannel.channel;
  const second = [await send(ada, id, 'one'), await send(ada, id, 'two'), await send(ada, id, 'three')][1];
  await stop();
  const [file = ''] = store('messages.sqlite');
  await cp(file, join(folder, 'copy.sqlite'));

  running = await start();
  ada = await signIn(running, 'ada');
  const lost = [await send(ada, id, 'lost four'), await send(ada, id, 'lost five')][1];
  await send(ada, id, 'a reply to what is kept', second?.id);
  const lostThread = (await send(ada, id, 'a reply to what is lost', lost?.id)).channel.id;
  // Own sends move the read mark soon after; on a busy machine a look does not wait for it.
  const before = await vi.waitFor(
    async () => {
      const seen = await see(ada, id);
      expect(seen).toMatchObject({ head: 5, viewerMembership: { checkpoint: 5, unreadCount: 0 } });
      return seen;
    },
    { timeout: 60_000, interval: 100 },
  );
  await expect(restoreCell(config(), options, request())).rejects.toBeInstanceOf(FolderInUse);
  await stop();

  for (const one of store('messages.sqlite')) await rm(one, { force: true });
  await cp(join(folder, 'copy.sqlite'), file);
  await expect(restoreCell(config(), options, request('elsewhere'))).rejects.toThrow('no cell "elsewhere"');
  expect(await restoreCell(config(), options, request('default', false))).toBeNull();
  // Ada's own in the channel, and as a follower of both threads.
  const mended = { epoch: 2, checkpoints: 3, threads: 1, threadsForgotten: 1 };
  expect(await restoreCell(config(), options, request())).toMatchObject(mended);
  // Safe to repeat: there is nothing left to mend.
  const again = { epoch: 3, checkpoints: 0, threads: 0, threadsForgotten: 0 };
  expect(await restoreCell(config(), options, request())).toMatchObject(again);

  running = await start();
  ada = await signIn(running, 'ada');
  const after = await see(ada, id);
  expect(after).toMatchObject({ head: 3, viewerMembership: { checkpoint: 3, unreadCount: 0 } });
  expect(after.messages.edges.map(({ node }) => [node.text, node.thread?.head ?? null])).toEqual([
    ['one', null],
    ['two', 0],
    ['three', null],
  ]);
  // What gets the lost messages' numbers does not inherit their threads.
  const fifth = [await send(ada, id, 'new four'), await send(ada, id, 'new five')][1];
  expect(fifth?.seq).toBe(5);
  expect((await see(ada, id)).messages.edges[4]?.node).toMatchObject({ text: 'new five', thread: null });
  await expect(ada.ask('query ($id: ID!) { channel(id: $id) { id } }', { id: lostThread })).resolves.toEqual({
    channel: null,
  });
  const client = await ada.listen([before.messages.position]);
  await expect.poll(() => client.heard().join('\n')).toContain('"PositionReset"');
  expect(client.heard().join('\n')).not.toContain('MessagePosted');
  await client.stop();
});
