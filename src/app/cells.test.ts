/** Opening cells of which one is not there: the embedded one serves, and the end waits for nothing. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { messageRow } from '../chat/log/log-store.contract.ts';
import { StoreAway } from '../chat/log/port.ts';
import { silentLogger } from '../chat/logger.ts';
import { readConfig } from '../config/config.ts';
import { statesOfCells } from './cell-states.ts';
import { openCells } from './cells.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backscroll-cells-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('the organizations of those that are open work; the others are told at once', async () => {
  const config = readConfig({
    DATA_DIR: folder,
    JWT_SECRET: 'x'.repeat(32),
    CELL_EU: 'cassandra://127.0.0.1:9/chat?dc=dc1',
  });
  const waiting: string[] = [];
  const found = { id: 'euro', slug: 'euro', name: 'Euro', cell: 'eu', epoch: 1 };
  const acme = { ...found, id: 'acme', slug: 'acme', cell: 'default' };
  const logs = await openCells(config, {
    organizations: { byIds: async (ids) => [found, acme].filter(({ id }) => ids.includes(id)) },
    epochOf: () => 1,
    known: () => ['default', 'eu', 'not in the settings'],
    graceMs: 50,
    logger: silentLogger,
    onWaiting: (message) => waiting.push(message),
  });
  const say = (organizationId: string) =>
    logs.messages.append({
      channel: { organizationId, channelId: 'c' },
      bucket: 0,
      expectedLast: null,
      rows: [messageRow(1)],
    });
  expect(await say('acme')).toEqual({ applied: true });
  await expect(say('euro')).rejects.toBeInstanceOf(StoreAway);
  // What runs by itself leaves out both: one that cannot be asked would hold up all the others.
  expect(logs.away()).toEqual(['eu', 'not in the settings']);
  await logs.ping();
  const [home, eu] = logs.cells;
  await home?.ping();
  await expect.poll(() => eu?.problem).toContain('127.0.0.1');
  await expect(eu?.ping()).rejects.toThrow('Cell eu');
  expect(waiting).toHaveLength(1);
  await logs.close();
});

test('what is wrong with the address of one says which it is', async () => {
  const config = readConfig({
    DATA_DIR: folder,
    JWT_SECRET: 'x'.repeat(32),
    CELL_EU: 'cassandra://ada:hunter2@127.0.0.1:9/chat?dc=',
  });
  const opening = openCells(config, {
    organizations: { byIds: async () => [] },
    epochOf: () => 1,
    logger: silentLogger,
  });
  await expect(opening).rejects.toThrow(/^Cell eu: .*datacenter, is missing/);
  await expect(opening).rejects.not.toThrow('hunter2');
  const states = await statesOfCells(config, ['default', 'eu']);
  expect([...states].map(([cell, { state }]) => [cell, state])).toEqual([
    ['default', 'ready'],
    ['eu', 'refused'],
  ]);
});
