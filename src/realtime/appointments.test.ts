/** Replicas that append for each other over a bus that loses, repeats, delays and lies. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../chat/clock.ts';
import { createLog } from '../chat/log/create-log.ts';
import type { MessageEntry } from '../chat/log/entries.ts';
import { freshChannel } from '../chat/log/log-store.contract.ts';
import type { LogStore } from '../chat/log/port.ts';
import { CountingStore } from '../chat/log/testing/counting-store.ts';
import { MemoryStore } from '../chat/log/testing/memory-store.ts';
import { messageSend } from '../chat/log/testing/sends.ts';
import { silentLogger } from '../chat/logger.ts';
import { type AppointmentTimings, createAppointments } from './appointments.ts';
import type { Bus } from './bus.ts';
import { chanceOf, createNetwork, type Faults, type TestBus } from './testing/lossy-bus.ts';
import { appendsTopic } from './topic-names.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const IMPATIENT: AppointmentTimings = { takenMs: 40, doneMs: 200, avoidMs: 80 };
const PATIENT: AppointmentTimings = { takenMs: 10_000, doneMs: 10_000, avoidMs: 10_000 };

/** @param view the replicas that this one believes to live. */
function replica(
  id: string,
  bus: Bus,
  memory: LogStore<MessageEntry>,
  view: () => readonly string[],
  timings: AppointmentTimings,
) {
  const appointments = createAppointments({
    bus,
    replicaId: id,
    replicas: view,
    logger: silentLogger,
    timings,
  });
  const store = new CountingStore(memory);
  const log = createLog<MessageEntry>({
    store,
    clock: systemClock,
    logger: silentLogger,
    appointed: appointments,
    onAppended: () => undefined,
    limits: { sendMs: 5_000 },
  });
  appointments.serve(log);
  closing.push(
    () => bus.close(),
    () => appointments.close(),
    () => log.close(),
  );
  return { id, log, store, bus, appointments };
}

const NAMES = ['a', 'b', 'c'];

function fleet(
  faults: Partial<Faults> = {},
  view: (id: string) => readonly string[] = () => NAMES,
  timings = IMPATIENT,
) {
  const network = createNetwork(chanceOf(7), faults);
  const memory = new MemoryStore<MessageEntry>(8);
  const replicas = NAMES.map((id) => replica(id, network.bus(), memory, () => view(id), timings));
  const channel = freshChannel();
  /** Each writer sends one after the other, each time on another replica; repeats what got no answer. */
  const write = async (writers: number, each: number): Promise<void> => {
    const writer = async (name: number): Promise<void> => {
      for (let i = 0; i < each; i++) {
        const send = messageSend(`${name}/${i}`);
        const { log } = replicas[(name + i) % replicas.length] ?? fail();
        await log.append(channel, send);
      }
    };
    await Promise.all(Array.from({ length: writers }, (_, name) => writer(name)));
  };
  /** Numbers are dense by how they are read; each message is there once, each writer's in its order. */
  const check = async (writers: number, each: number): Promise<void> => {
    const rows = await memory.range(channel, 1, 1_000);
    expect(rows.map(({ seq }) => seq)).toEqual(rows.map((_, i) => i + 1));
    expect(rows).toHaveLength(writers * each);
    for (let name = 0; name < writers; name++) {
      const own = rows.map(({ entry }) => entry.text).filter((text) => text.startsWith(`${name}/`));
      expect(own).toEqual(Array.from({ length: each }, (_, i) => `${name}/${i}`));
    }
  };
  return { network, memory, replicas, channel, write, check };
}

const fail = (): never => {
  throw new Error('there is such a replica');
};

const appendsBy = (replicas: readonly { readonly store: CountingStore<MessageEntry> }[]): number[] =>
  replicas.map(({ store }) => store.calls.append ?? 0);

test('a channel where nobody was met is left to each replica', async () => {
  const { replicas } = fleet();
  for (const { log } of replicas) await log.append(freshChannel(), messageSend('alone here'));
  expect(appendsBy(replicas)).toEqual([1, 1, 1]);
});

test('once replicas have met in a channel one appends for all, the same for everybody', async () => {
  const { replicas, channel, memory } = fleet({}, (id) => (id === 'b' ? ['c', 'b', 'a'] : NAMES), PATIENT);
  // All meet.
  for (let round = 0; round < 3; round++) {
    await Promise.all(replicas.map(({ log }) => log.append(channel, messageSend('meet'))));
  }
  for (const { store } of replicas) store.calls = {};
  for (let round = 0; round < 5; round++) {
    await Promise.all(replicas.map(({ log }) => log.append(channel, messageSend('together'))));
  }
  expect(appendsBy(replicas).filter((count) => count > 0)).toHaveLength(1);
  expect(await memory.range(channel, 1, 100)).toHaveLength(24);
});

describe('nothing is lost, doubled or put in another order', () => {
  test.each([
    ['the bus loses a part', { drop: 0.3 }],
    ['the bus says everything twice', { repeat: 1 }],
    ['the bus delays and reorders', { delayMs: 60 }],
    ['the bus does not confirm', { unconfirmed: 0.4 }],
    ['the bus does all of this', { drop: 0.15, repeat: 0.3, unconfirmed: 0.2, delayMs: 50 }],
  ])('when %s', async (_, faults) => {
    const { write, check } = fleet(faults);
    await write(6, 8);
    await check(6, 8);
  });

  test.each<[string, (id: string) => readonly string[]]>([
    ['the one appointed died, and nobody has noticed', () => [...NAMES, 'dead', 'dead too']],
    ['each believes in another that lives', (id) => [NAMES[(NAMES.indexOf(id) + 1) % 3] ?? fail()]],
    ['nobody knows of anybody', (id) => [id]],
    ['one is not known to the others', (id) => (id === 'a' ? NAMES : ['b', 'c'])],
  ])('when %s', async (_, view) => {
    const { write, check } = fleet({}, view);
    await write(6, 8);
    await check(6, 8);
  });

  test('when some hear nothing for a while, told or not', async () => {
    const { replicas, write, check } = fleet();
    const buses = replicas.map(({ bus }) => bus as TestBus);
    const writing = write(6, 30);
    for (const [i, bus] of [...buses, ...buses].entries()) {
      bus.cut(i % 2 === 0);
      await sleep(40);
      bus.restore();
    }
    await writing;
    await check(6, 30);
  });
});

test('a replica that is ending gives the sends back at once, and is left alone for a while', async () => {
  const { replicas, channel, memory } = fleet({}, () => NAMES, PATIENT);
  for (let round = 0; round < 3; round++) {
    await Promise.all(replicas.map(({ log }) => log.append(channel, messageSend('meet'))));
  }
  for (const { store } of replicas) store.calls = {};
  await Promise.all(replicas.map(({ log }) => log.append(channel, messageSend('whose is it'))));
  const appointed = replicas.find(({ store }) => (store.calls.append ?? 0) > 0) ?? fail();
  await appointed.log.close();
  const others = replicas.filter((one) => one !== appointed);
  await Promise.all(others.map(({ log }) => log.append(channel, messageSend('without it'))));
  expect(await memory.range(channel, 1, 100)).toHaveLength(14);
});

test('what is no word of ours is not answered, and answers that nobody asked for are dropped', async () => {
  const { network, replicas, channel, memory } = fleet();
  const forger = network.bus();
  const [first] = replicas;
  const heard: unknown[] = [];
  forger.subscribe(appendsTopic('forger'), (said) => heard.push(said));
  const ask = { kind: 'APPEND', from: 'forger', id: '1', ...channel };
  for (const word of [
    null,
    { ...ask, sends: [{ sendKey: 'x' }] },
    { kind: 'DONE', from: 'forger', id: '1', answers: [] },
    { kind: 'TAKEN', from: 'forger', id: '1' },
  ]) {
    forger.forge(appendsTopic('a'), word);
  }
  forger.forge(appendsTopic('a'), { ...ask, id: '2', sends: [messageSend('well said')] });
  await vi.waitFor(() => expect(heard).toHaveLength(2));
  expect(heard).toMatchObject([
    { kind: 'TAKEN', id: '2' },
    { kind: 'DONE', id: '2', answers: [{ row: { seq: 1 }, isDuplicate: false }] },
  ]);
  expect(first?.store.calls.append).toBe(1);
  expect(await memory.range(channel, 1, 10)).toHaveLength(1);
  await forger.close();
});

test('fields of a message that only a newer replica knows are kept when another appends it', async () => {
  const { network, channel, memory } = fleet();
  const forger = network.bus();
  const send = messageSend('new');
  const sends = [{ ...send, entry: { ...send.entry, colour: 'blue' } }];
  forger.forge(appendsTopic('a'), { kind: 'APPEND', from: 'forger', id: '1', ...channel, sends });
  await vi.waitFor(async () => expect(await memory.range(channel, 1, 10)).toHaveLength(1));
  expect((await memory.range(channel, 1, 10))[0]?.entry).toMatchObject({ text: 'new', colour: 'blue' });
  await forger.close();
});

describe('one who does not answer', () => {
  const asking = (answer: (word: { readonly id: string }) => void) => {
    const network = createNetwork(chanceOf(7), {});
    const silent = network.bus();
    const words: unknown[] = [];
    silent.subscribe(appendsTopic('silent'), (word) => {
      words.push(word);
      answer(word as { readonly id: string });
    });
    const view = () => ['a', 'silent'];
    const timings = { takenMs: 60, doneMs: 60, avoidMs: 600_000 };
    const { appointments } = replica('a', network.bus(), new MemoryStore<MessageEntry>(8), view, timings);
    closing.push(() => silent.close());
    /** Of some channel that the silent one is appointed for, if it is for any. */
    const ask = () => {
      for (let i = 0; i < 64; i++) {
        const answers = appointments.forward(freshChannel(), [messageSend('asked')]);
        if (answers !== null) return answers;
      }
      return null;
    };
    return { network, ask, words };
  };

  test('is asked once, and then left alone', async () => {
    const { ask, words } = asking(() => undefined);
    expect(await ask()).toEqual([]);
    expect(ask()).toBeNull();
    expect(words).toHaveLength(1);
  });

  test('is not answered for by another', async () => {
    const { network, ask } = asking(({ id }) => {
      const row = { ...messageSend('forged'), seq: 1, at: 1 };
      const word = { kind: 'DONE', from: 'forger', id, answers: [{ row, isDuplicate: false }] };
      network.bus().forge(appendsTopic('a'), word);
    });
    expect(await ask()).toEqual([]);
  });
});
