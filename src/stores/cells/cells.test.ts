/** The ports in front of two cells keep the contracts that each cell keeps, and ask the right one. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { projectionStoreContract } from '../../chat/changes/projection-store.contract.ts';
import { logStoreContract, messageRow, type OpenedLogs } from '../../chat/log/log-store.contract.ts';
import { type ChannelKey, StoreUnreachable } from '../../chat/log/port.ts';
import { silentLogger } from '../../chat/logger.ts';
import { openSqliteLogs } from '../sqlite/open.ts';
import { Cell, type CellLogs } from './cell.ts';
import { CellDirectory } from './directory.ts';
import { CellsLogStore } from './log-store.ts';
import { cellsProjectionStore } from './projection-store.ts';
import { Routes } from './routes.ts';

const NAMES = ['one', 'two'] as const;
const SIZE = 8;
const folder = mkdtempSync(join(tmpdir(), 'backscroll-cells-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Organizations are spread over both by their ids, so that any channels of several are in both. */
const cellOf = (organizationId: string): string => (organizationId.charCodeAt(0) % 2 === 0 ? 'one' : 'two');
const inCell = (name: string): ChannelKey => {
  for (;;) {
    const organizationId = randomUUID();
    if (cellOf(organizationId) === name) return { organizationId, channelId: randomUUID() };
  }
};

async function open(
  lookUp = vi.fn(async (ids: readonly string[]) => new Map(ids.map((id) => [id, cellOf(id)]))),
) {
  const cells = NAMES.map(
    (name) =>
      new Cell({
        name,
        open: () => openSqliteLogs({ dataDir: join(folder, name), bucketSize: SIZE }),
        logger: silentLogger,
      }),
  );
  await Promise.all(cells.map(({ opened }) => opened));
  const directory = new CellDirectory(lookUp);
  const routes = new Routes(directory, cells);
  return {
    messages: new CellsLogStore(routes, SIZE, (logs: CellLogs) => logs.messages),
    changes: new CellsLogStore(routes, SIZE, (logs: CellLogs) => logs.changes),
    projections: cellsProjectionStore(routes),
    cells,
    directory,
    lookUp,
    close: async () => {
      await Promise.all(cells.map((cell) => cell.close()));
    },
  };
}

function allRows(name: string): string {
  const db = new DatabaseSync(join(folder, name, 'messages.sqlite'), { readOnly: true });
  const tables = db.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`).all();
  const rows = tables.map((table) => db.prepare(`SELECT * FROM ${table.name}`).all());
  db.close();
  return rows.flatMap((each) => each.flatMap((row) => Object.values(row))).join('\n');
}

logStoreContract('Two cells', open as () => Promise<OpenedLogs>);
projectionStoreContract('Two cells', async () => ({
  ...(await open()),
  dump: async () => NAMES.map(allRows).join('\n'),
}));

describe('two cells', () => {
  let store: Awaited<ReturnType<typeof open>>;
  beforeEach(async () => {
    store = await open();
    return store.close;
  });
  const say = (channel: ChannelKey, text: string) =>
    store.messages.append({
      channel,
      bucket: 0,
      expectedLast: null,
      rows: [messageRow(1, { entry: { ...messageRow(1).entry, text } })],
    });

  test('what is of one is in none of the tables of the other', async () => {
    for (const name of NAMES) await say(inCell(name), `said in ${name} ${folder}`);
    expect(allRows('one')).toContain(`said in one ${folder}`);
    expect(allRows('one')).not.toContain(`said in two ${folder}`);
    expect(allRows('two')).toContain(`said in two ${folder}`);
    expect(allRows('two')).not.toContain(`said in one ${folder}`);
  });

  test('a list over both is answered in its order, with one question to the database', async () => {
    const channels = ['one', 'two', 'two', 'one', 'two'].map(inCell);
    for (const [i, channel] of channels.entries()) if (i !== 2) await say(channel, `text ${i}`);
    const asked = store.lookUp.mock.calls.length;
    const other = inCell('one');
    const rows = await store.messages.rows([...channels, other].map((channel) => ({ channel, seq: 1 })));
    expect(rows.map((row) => row?.entry.text)).toEqual([
      'text 0',
      'text 1',
      undefined,
      'text 3',
      'text 4',
      undefined,
    ]);
    const states = await store.messages.states(channels.map((channel) => ({ channel, bucket: 0 })));
    expect(states.map((state) => state?.last)).toEqual([1, 1, undefined, 1, 1]);
    // Those that nobody had asked for before.
    expect(store.lookUp.mock.calls.slice(asked)).toEqual([
      [[channels[2]?.organizationId, other.organizationId]],
    ]);
    expect(await store.messages.rows([])).toEqual([]);
  });

  test('who was noted is not looked up', async () => {
    const channel = inCell('two');
    store.directory.note(channel.organizationId, 'two');
    await say(channel, 'noted');
    expect(store.lookUp).not.toHaveBeenCalled();
  });

  test('an organization of a cell that is not set, and one that there is not, are asked of no cell', async () => {
    const channel = inCell('one');
    store.directory.note(channel.organizationId, 'three');
    await expect(say(channel, 'lost')).rejects.toThrow('CELL_THREE');
    const refs = [channel, inCell('two')].map((channel) => ({ channel, bucket: 0 }));
    await expect(store.messages.states(refs)).rejects.toBeInstanceOf(StoreUnreachable);
    store.lookUp.mockResolvedValueOnce(new Map());
    await expect(say(inCell('one'), 'lost')).rejects.toBeInstanceOf(StoreUnreachable);
    expect(NAMES.map(allRows).join()).not.toContain('lost');
  });

  test('once a log is found sealed, its cell is looked up anew', async () => {
    const channel = inCell('one');
    await say(channel, 'before the move');
    expect(await store.messages.seal(channel, 1, 'two')).toEqual({ applied: true });
    expect(await store.messages.states([{ channel, bucket: 0 }])).toMatchObject([{ last: -1 }]);
    store.lookUp.mockImplementation(async (ids) => new Map(ids.map((id) => [id, 'two'])));
    expect(await say(channel, 'after the move')).toEqual({ applied: true });
    expect(allRows('two')).toContain('after the move');
  });
});
