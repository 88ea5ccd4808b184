/** One server in one scenario: its subscribers connect, hear all that is published, and leave. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Contender } from './contenders.ts';
import { documents } from './documents.ts';
import { markedText } from './mark.ts';
import { DELAY_STEP_MICROS, type Heard, type Kind, MEASURED, PROBE } from './orders.ts';
import { type Post, Publisher } from './publisher.ts';
import type { Scenario } from './scenarios.ts';
import { cpuMicros } from './server-process.ts';
import type { Subscribers } from './subscribers.ts';

/** What is left of the warming up is over by then. */
const SETTLE_MS = 500;
/** How long what was published may be under way. */
const DRAIN_MS = 60_000;

export interface Course {
  readonly seconds: number;
  readonly warmUpSeconds: number;
  /** Bytes of a message's text. */
  readonly bytes: number;
  /** Messages under way at a time, where they are published as fast as it goes. */
  readonly inFlight: number;
  /** People who have reacted to the message that is edited. */
  readonly reactions: number;
  readonly signal: AbortSignal;
}

export interface Figures {
  readonly cpuMicrosPerDelivery: number;
  /** The same without what the sends cost when nobody listens; NaN where that was not measured. */
  readonly cpuMicrosWithoutSends: number;
  readonly deliveriesPerSecond: number;
  readonly messagesPerSecond: number;
  readonly bytesPerDelivery: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export async function takeTurn(
  contender: Contender,
  scenario: Scenario,
  subscribers: Subscribers,
  course: Course,
): Promise<Figures> {
  const { server } = contender;
  const publisher = new Publisher(server.port, course.inFlight);
  try {
    const costOfSend = scenario.hasSendsApart
      ? await costOfSendAlone(contender, scenario, publisher, course)
      : Number.NaN;
    const next = await posts(contender, scenario, subscribers, course);
    await subscribers.subscribe(async () => {
      await Promise.all(Array.from({ length: scenario.channels }, (_, i) => publisher.post(next(PROBE, i))));
    });
    const publish = (seconds: number, kind: Kind) => {
      const post = (index: number): Post => next(kind, index);
      return scenario.rate === null
        ? publisher.asFastAsItGoes(seconds, course.signal, post)
        : publisher.paced(scenario.rate, seconds, course.signal, post);
    };
    await publish(course.warmUpSeconds, PROBE);
    await sleep(SETTLE_MS, undefined, { signal: course.signal });

    const [cpuBefore, began] = [cpuMicros(server), performance.now()];
    const messages = await publish(course.seconds, MEASURED);
    const heard = await subscribers.heard(countsOf(messages, scenario.channels), DRAIN_MS);
    const [cpu, seconds] = [cpuMicros(server) - cpuBefore, (performance.now() - began) / 1_000];
    await subscribers.disconnect();
    return figuresOf(heard, { cpu, costOfSend, messages, seconds });
  } finally {
    publisher.close();
  }
}

/** CPU of a send at this rate, over as many channels, which nobody listens to. */
async function costOfSendAlone(
  contender: Contender,
  { channels: howMany, rate }: Scenario,
  publisher: Publisher,
  { warmUpSeconds, seconds, bytes, signal }: Course,
): Promise<number> {
  const channels = await newChannels(contender, howMany);
  const post = (index: number): Post =>
    contender.message(channels[index % howMany] ?? '', markedText(PROBE, index + 1, bytes));
  const publish = (forSeconds: number): Promise<number> =>
    rate === null
      ? publisher.asFastAsItGoes(forSeconds, signal, post)
      : publisher.paced(rate, forSeconds, signal, post);
  // As many as it takes until the server's code is as fast as it gets.
  await publisher.asFastAsItGoes(warmUpSeconds, signal, post);
  await sleep(SETTLE_MS, undefined, { signal });
  const before = cpuMicros(contender.server);
  const messages = await publish(seconds);
  return (cpuMicros(contender.server) - before) / messages;
}

async function newChannels(contender: Contender, howMany: number): Promise<readonly string[]> {
  const channels: string[] = [];
  for (let i = 0; i < howMany; i++) channels.push(await contender.newChannel());
  return channels;
}

/** Connects the subscribers, and gives what publishes to the channels in turn. */
async function posts(
  contender: Contender,
  { subscribers: count, channels: howMany, document, areMembers, isEdit }: Scenario,
  subscribers: Subscribers,
  { bytes, reactions }: Course,
): Promise<(kind: Kind, index: number) => Post> {
  const channels = await newChannels(contender, howMany);
  const seats = await Promise.all(
    Array.from({ length: count }, async (_, i) => ({
      channel: i % howMany,
      token: await contender.token(i),
    })),
  );
  for (const [at, channel] of areMembers ? channels.entries() : []) {
    const here = seats.flatMap((seat, i) => (seat.channel === at ? [i] : []));
    await contender.join(channel, here);
  }
  const { wire, newEdit } = contender;
  await subscribers.connect({
    wire,
    port: contender.server.port,
    channels,
    document: documents[document],
    seats,
    checks: isEdit ? 'counted' : contender.isNumbered ? 'numbered' : 'ordered',
  });
  const text = (kind: Kind, index: number): string =>
    markedText(kind, Math.floor(index / howMany) + 1, bytes);
  if (isEdit) {
    if (newEdit === null) throw new Error(`${contender.name} edits nothing`);
    const edit = await newEdit(channels[0] ?? '', reactions);
    return (kind, index) => edit(text(kind, index));
  }
  return (kind, index) => contender.message(channels[index % howMany] ?? '', text(kind, index));
}

/** Messages of each channel, when they were dealt out in turn. */
const countsOf = (messages: number, channels: number): number[] =>
  Array.from({ length: channels }, (_, i) => Math.floor((messages + channels - 1 - i) / channels));

interface Spent {
  readonly cpu: number;
  readonly costOfSend: number;
  readonly messages: number;
  readonly seconds: number;
}

function figuresOf(heard: readonly Heard[], { cpu, costOfSend, messages, seconds }: Spent): Figures {
  assertSameOrder(heard);
  const deliveries = sum(heard.map((one) => one.deliveries));
  const delays = quantiles(heard, [0.5, 0.99]);
  return {
    cpuMicrosPerDelivery: cpu / deliveries,
    cpuMicrosWithoutSends: (cpu - messages * costOfSend) / deliveries,
    deliveriesPerSecond: deliveries / seconds,
    messagesPerSecond: messages / seconds,
    bytesPerDelivery: sum(heard.map((one) => one.bytes)) / deliveries,
    p50Ms: delays[0] ?? Number.NaN,
    p99Ms: delays[1] ?? Number.NaN,
  };
}

/** Each process has checked its own subscribers; a channel's may be in several. */
function assertSameOrder([first, ...others]: readonly Heard[]): void {
  for (const other of others) {
    other.orders.forEach((order, channel) => {
      const there = first?.orders[channel];
      if (there !== order && !Number.isNaN(order) && !Number.isNaN(there)) {
        throw new Error('two processes got the messages of a channel in different orders');
      }
    });
  }
}

function quantiles(heard: readonly Heard[], of: readonly number[]): number[] {
  const steps = Math.max(...heard.map(({ delays }) => delays.length));
  const counts = Array.from({ length: steps }, (_, i) => sum(heard.map(({ delays }) => delays[i] ?? 0)));
  const total = sum(counts);
  return of.map((q) => {
    let passed = 0;
    const step = counts.findIndex((count) => {
      passed += count;
      return passed > total * q;
    });
    return ((step + 0.5) * DELAY_STEP_MICROS) / 1_000;
  });
}

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);
