/**
 * Everybody who uses the servers while things go wrong: writers, listeners (some of whom fall asleep), readers, people who
 * are removed, people who change messages, and people who try the doors of the other organization.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fleet } from '../e2e/fleet.ts';
import { type Mirror, mirror } from '../e2e/mirror.ts';
import { keepChanging } from './crew/changer.ts';
import { type Listener, listen } from './crew/listener.ts';
import { read } from './crew/reader.ts';
import { removeAgainAndAgain } from './crew/remover.ts';
import { trespass } from './crew/trespasser.ts';
import { write } from './crew/writer.ts';
import type { Attempt, Mark } from './history.ts';
import type { Places } from './places.ts';
import type { Recorder } from './recorder.ts';

/** A public channel under writing, and all that was seen of it. */
export interface PlayedChannel {
  readonly id: string;
  readonly organization: string;
  readonly places: Places;
  /** Of those who may read it to the end. */
  readonly token: string;
  readonly attempts: Attempt[];
  readonly listeners: readonly Listener[];
  readonly readers: readonly { readonly token: string; readonly marks: Mark[] }[];
}

export interface PlayedCopies {
  readonly channelId: string;
  readonly places: Places;
  readonly token: string;
  readonly mirrors: readonly Mirror[];
}

export interface Crew {
  readonly channels: readonly PlayedChannel[];
  readonly copies: readonly PlayedCopies[];
  /** Resolves when all that was begun after the signal is answered; listeners and copies listen on. */
  readonly done: Promise<unknown>;
  stop(): Promise<void>;
}

export interface Size {
  readonly organization: string;
  /** Writers on each channel. */
  readonly writers: readonly number[];
}

const STALL_MS = 8_000;
const AWAKE_MS = 3_000;

const CREATE = 'mutation ($input: CreateChannelInput!) { createChannel(input: $input) { channel { id } } }';
const JOIN = 'mutation ($input: ChannelInput!) { joinChannel(input: $input) { membership { id } } }';

export async function gatherCrew(
  fleet: Fleet,
  places: Places,
  { organization, writers }: Size,
  /** Channels of the other organization, for those who try its doors; they come to be while this runs. Null: there is none. */
  others: readonly string[] | null,
  /** Where this organization's channels are told. */
  own: string[],
  stop: AbortSignal,
  recorder: Recorder,
): Promise<Crew> {
  const { urls } = places;
  const tokenOf = (name: string): Promise<string> => fleet.token(name, { org: organization });
  const admin = await tokenOf('admin');
  const create = async (name: string, visibility: 'PUBLIC' | 'PRIVATE'): Promise<string> => {
    const made = await recorder.untilAnswered<{ createChannel: { channel: { id: string } } }>(
      'createChannel',
      urls,
      admin,
      CREATE,
      { input: { name, visibility } },
    );
    const { id } = made.createChannel.channel;
    own.push(id);
    return id;
  };
  const parts: Promise<void>[] = [];
  const play = (what: string, part: () => Promise<void>): void => void parts.push(recorder.play(what, part));

  const channels: PlayedChannel[] = [];
  for (const i of writers.keys()) {
    const id = await create(`${organization} channel ${i}`, 'PUBLIC');
    const names = i === 0 ? [`listener-${i}`, 'sleeper'] : [`listener-${i}`];
    const listeners: Listener[] = [];
    for (const name of names) listeners.push(listen(name, id, await tokenOf(name), places, recorder));
    const readers: { token: string; marks: Mark[] }[] = [];
    if (i < 2) {
      const token = await tokenOf(`reader-${i}`);
      await recorder.untilAnswered('joinChannel', urls, token, JOIN, { input: { channelId: id } });
      readers.push({ token, marks: [] });
    }
    channels.push({ id, organization, places, token: admin, attempts: [], listeners, readers });
  }
  await Promise.all(channels.flatMap(({ listeners }) => listeners.map((listener) => listener.ready)));

  for (const [i, channel] of channels.entries()) {
    for (let n = 0; n < (writers[i] ?? 0); n++)
      play(`a writer of ${organization}`, () => write(stop, urls, admin, channel, recorder));
    for (const { token, marks } of channel.readers)
      play(`a reader of ${organization}`, () => read(stop, urls, token, channel.id, marks, recorder));
    const [, sleeper] = channel.listeners;
    if (sleeper !== undefined) play('a sleeper', () => fallAsleep(stop, sleeper));
  }

  const secret = {
    id: await create(`${organization} private`, 'PRIVATE'),
    organization,
    attempts: [] as Attempt[],
  };
  play(`the writer of a private channel of ${organization}`, () =>
    write(stop, urls, admin, secret, recorder),
  );
  play(`who removes people of ${organization}`, () =>
    removeAgainAndAgain(stop, places, admin, (n) => tokenOf(`removed-${n}`), secret, recorder),
  );

  const changing = await create(`${organization} changing`, 'PUBLIC');
  const mirrors: Mirror[] = [];
  for (const i of [0, 1]) {
    const token = await tokenOf(`mirror-${i}`);
    mirrors.push(await recorder.untilDone(() => mirror(places.replicas, token, changing)));
  }
  play(`who changes messages of ${organization}`, () =>
    keepChanging(stop, urls, admin, changing, organization, recorder),
  );
  if (others !== null) play('a trespasser', () => trespass(stop, urls, admin, others, recorder));

  return {
    channels,
    copies: [{ channelId: changing, places, token: admin, mirrors }],
    done: Promise.all(parts),
    stop: async () => {
      const listeners = channels.flatMap((channel) => channel.listeners);
      await Promise.all([...listeners, ...mirrors].map((one) => one.stop()));
    },
  };
}

/** A device that goes to sleep again and again; what it owes is what everybody owes. */
async function fallAsleep(stop: AbortSignal, sleeper: Listener): Promise<void> {
  while (!stop.aborted) {
    sleeper.stall();
    await sleep(STALL_MS);
    sleeper.awake();
    await sleep(AWAKE_MS);
  }
}
