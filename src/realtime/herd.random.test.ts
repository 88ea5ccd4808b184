/**
 * What clients have on their screens after they came and went while messages were posted, edited and deleted, and
 * replays shared what was read: what the store has, and never what a message said before a deletion they were told of.
 * HERD_RUNS says how many random runs.
 */
import { expect, test } from 'vitest';
import type { EventFeed, LiveEvent } from '../chat/live/port.ts';
import { contentNow } from '../chat/messages/content.ts';
import { chanceOf } from './testing/lossy-bus.ts';
import { until, upTo } from './testing/reading.ts';
import { type Installation, installation, type Replica } from './testing/replicas.ts';

const RUNS = Number(process.env.HERD_RUNS ?? 12);
const CLIENTS = 12;
const STEPS = 60;

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

class Client {
  /** By number, what is shown of each message. */
  readonly shown = new Map<number, string>();
  readonly order: number[] = [];
  readonly wrong: string[] = [];
  cursor: string | null = null;
  #feed: EventFeed<LiveEvent> | null = null;
  readonly #textNow: (seq: number) => string;
  readonly #deleted: ReadonlySet<number>;

  constructor(textNow: (seq: number) => string, deleted: ReadonlySet<number>) {
    this.#textNow = textNow;
    this.#deleted = deleted;
  }

  async connect(replica: Replica, all: Installation, channelId: string, id: string): Promise<void> {
    const after = this.cursor === null ? [] : [this.cursor];
    const options = { after, replayLimit: 1_000, connectionId: id };
    this.#feed = await replica.live.events(all.viewer('ada'), options);
    this.#feed.consume({ readable: () => undefined, purge: () => undefined, ended: () => undefined });
    this.channelId = channelId;
  }

  channelId = '';

  async leave(): Promise<void> {
    await this.#feed?.return?.();
    this.#feed = null;
  }

  get isConnected(): boolean {
    return this.#feed !== null;
  }

  take(most: number): void {
    for (let i = 0; i < most; i += 1) {
      const event = this.#feed?.take();
      if (event === undefined) return;
      this.#note(event);
    }
  }

  #note(event: LiveEvent): void {
    if (event.type === 'Positions') this.cursor = event.positions[0]?.cursor ?? this.cursor;
    if (event.cursor !== null) this.cursor = event.cursor;
    if (event.type === 'MessagePosted') {
      const { text } = contentNow(event.row.entry);
      if (text !== '' && this.#deleted.has(event.row.seq)) this.wrong.push(`${event.row.seq} after deletion`);
      this.order.push(event.row.seq);
      this.shown.set(event.row.seq, text);
    }
    // Resolvers read the message when they show the event.
    if (event.type === 'MessageUpdated') this.shown.set(event.seq, this.#textNow(event.seq));
  }
}

async function run(seed: number): Promise<void> {
  const chance = chanceOf(seed);
  const faults = { drop: 0.1, repeat: 0.1, delayMs: 3 };
  const all = installation({
    seed,
    faults,
    bounds: { chunk: 8 },
    timings: { routineMs: 100, keptReadMs: 5_000 },
  });
  all.messages.delayMs = 2;
  all.changes.delayMs = 2;
  const [here, there] = [all.replica(), all.replica()];
  const channelId = all.channel('ada');
  const row = (seq: number) => all.messages.rows.get(`${all.organizationId}:${channelId}`)?.[seq - 1];
  const textNow = (seq: number): string => {
    const found = row(seq);
    return found === undefined ? 'missing' : contentNow(found.entry).text;
  };
  // The first listener of the channel: whatever is deleted, it hears of before the others.
  const deleted = new Set<number>();
  const watcher = await here.live.events(all.viewer('ada'), { after: [], replayLimit: 0, connectionId: 'w' });
  watcher.consume({
    readable: () => {
      for (let e = watcher.take(); e !== undefined; e = watcher.take()) {
        if (e.type === 'MessageUpdated' && e.change === 'DELETED') deleted.add(e.seq);
      }
    },
    purge: () => undefined,
    ended: () => undefined,
  });
  const clients = upTo(CLIENTS).map(() => new Client(textNow, deleted));
  for (const [i, client] of clients.entries()) {
    await client.connect(here, all, channelId, `begin ${i}`);
    // Whoever leaves before it was told where the channel stands is promised nothing of what comes meanwhile.
    await until(() => {
      client.take(1);
      expect(client.cursor).not.toBeNull();
    });
  }

  const change = async (replica: Replica): Promise<void> => {
    const [head = 0] = await replica.messages.heads([{ organizationId: all.organizationId, channelId }]);
    if (head === 0 || chance() < 0.5) return void (await replica.say(channelId, `text ${head}`));
    const seq = 1 + Math.floor(chance() * head);
    // A deletion is terminal.
    if (row(seq)?.entry.projection?.deletedAt !== undefined) return;
    if (chance() < 0.3) return void (await replica.alter(channelId, seq, { kind: 'DELETED' }));
    const content = { text: `edited ${chance()}`, metadata: null, mentions: [] };
    await replica.alter(channelId, seq, { kind: 'EDITED', content });
  };
  const changing = (async () => {
    for (let i = 0; i < STEPS; i += 1) await change(chance() < 0.5 ? here : there);
  })();
  let isChanging = true;
  void changing.finally(() => {
    isChanging = false;
  });
  while (isChanging) {
    // Now and then all come back at once.
    if (chance() < 0.02) {
      await Promise.all(clients.map((client) => client.leave()));
      await Promise.all(clients.map((client, i) => client.connect(here, all, channelId, `again ${i}`)));
    }
    for (const client of clients) {
      if (client.isConnected && chance() < 0.05) await client.leave();
      else if (!client.isConnected && chance() < 0.3)
        await client.connect(here, all, channelId, `${chance()}`);
      client.take(Math.floor(chance() * 4));
    }
    await tick();
  }
  await changing;
  for (const client of clients) {
    if (!client.isConnected) await client.connect(here, all, channelId, `${chance()}`);
  }
  const head = all.messages.rows.get(`${all.organizationId}:${channelId}`)?.length ?? 0;
  const expected = new Map(upTo(head).map((seq) => [seq, textNow(seq)]));
  await until(() => {
    for (const client of clients) {
      client.take(1_000);
      expect(client.shown.size).toBe(head);
      expect(client.shown).toEqual(expected);
    }
  });
  for (const client of clients) {
    expect(client.wrong).toEqual([]);
    expect(client.order).toEqual(upTo(head));
    await client.leave();
  }
  await watcher.return?.();
  await all.close();
}

test.each(upTo(RUNS))('run %i', async (seed) => {
  await run(seed);
});
