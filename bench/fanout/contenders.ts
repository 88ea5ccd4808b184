/** The servers that are measured: how each is started, and how it is published to and listened to. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { uuidv7 } from '../../src/chat/ids.ts';
import { scratchKeyspace } from '../../src/stores/cassandra/testing/scratch-keyspace.ts';
import { serviceUrl } from '../../test/services.ts';
import { scratchDatabase } from '../send/scratch-database.ts';
import { type Server, startServer } from '../send/server.ts';
import type { Built } from './built.ts';
import { collecting } from './collecting.ts';
import { CREATE, EDIT, JOIN, plainEvent, plainFrame, REACT, SEND } from './documents.ts';
import { type Post, Publisher } from './publisher.ts';
import { type ServerProcess, startPeer } from './server-process.ts';
import type { WireName } from './wires.ts';

export const CONTENDERS = ['backscroll', 'usual-recipe', 'mercurius', 'socket-io', 'bare-ws'] as const;
export type ContenderName = (typeof CONTENDERS)[number];
export const STORES = ['embedded', 'cassandra'] as const;
export type StoreName = (typeof STORES)[number];

/** What edits one message that people have reacted to. */
export type Edit = (text: string) => Post;

export interface Contender {
  readonly name: ContenderName;
  readonly server: ServerProcess;
  readonly wire: WireName;
  /** The server gives messages numbers of its own, which are checked too. */
  readonly isNumbered: boolean;
  /** Of the subscriber of this index: each is a person of their own. */
  token(index: number): Promise<string>;
  newChannel(): Promise<string>;
  message(channel: string, text: string): Post;
  /** Makes subscribers, by their indexes, members of a channel; where there are members. */
  join(channel: string, indexes: readonly number[]): Promise<void>;
  /** @param reactions how many of the subscribers react before. Null where nothing can be edited. */
  newEdit: ((channel: string, reactions: number) => Promise<Edit>) | null;
  stop(): Promise<void>;
}

const SENDER = 'sender';
const subscriberName = (index: number): string => `subscriber-${index}`;
let channels = 0;
const channelName = (): string => `fanout-${process.pid}-${++channels}`;

export async function startContender(
  name: ContenderName,
  store: StoreName,
  built: Built,
): Promise<Contender> {
  if (name === 'backscroll') return backscroll(store, built);
  const server = await startPeer(name, built, serviceUrl('redis'));
  const { stop } = server;
  if (name === 'usual-recipe' || name === 'mercurius') {
    const tokenOf = async (person: string): Promise<string> => person;
    return {
      ...(await graphql(server, tokenOf, false)),
      name,
      newChannel: async () => channelName(),
      stop,
    };
  }
  const event =
    name === 'bare-ws' ? plainFrame : (...of: [string, string]) => JSON.stringify(plainEvent(...of));
  return {
    name,
    server,
    wire: name === 'bare-ws' ? 'bare' : 'socketIo',
    isNumbered: false,
    token: async () => '',
    newChannel: async () => channelName(),
    message: (channel, text) => ({ path: `/${channel}`, headers: {}, body: event(channel, text) }),
    join: async () => undefined,
    newEdit: null,
    stop,
  };
}

type TokenOf = (person: string) => Promise<string>;

/** @param hasMembers only members react. */
async function graphql(server: ServerProcess, tokenOf: TokenOf, hasMembers: boolean) {
  const post = (token: string, query: string, variables: object): Post => ({
    path: '/graphql',
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, variables }),
  });
  const senderToken = await tokenOf(SENDER);
  const ask = async (person: string, query: string, variables: object): Promise<unknown> => {
    const publisher = new Publisher(server.port, 1);
    const answer = await publisher.post(post(await tokenOf(person), query, variables));
    publisher.close();
    const { data, errors } = JSON.parse(answer) as { readonly data?: unknown; readonly errors?: unknown };
    // What follows would be measured without it, and look better than it is.
    if (errors !== undefined) throw new Error(`${query}: ${JSON.stringify(errors)}`);
    return data;
  };
  const joinChannel = async (channelId: string, indexes: readonly number[]): Promise<void> => {
    if (!hasMembers) return;
    for (const index of indexes) await ask(subscriberName(index), JOIN, { id: channelId });
  };
  const message = (channelId: string, text: string): Post =>
    post(senderToken, SEND, { input: { channelId, text, clientMessageId: uuidv7(Date.now()) } });
  return {
    server,
    wire: 'graphql' as const,
    isNumbered: true,
    ask,
    token: (index: number) => tokenOf(subscriberName(index)),
    message,
    join: joinChannel,
    async newEdit(channelId: string, reactions: number): Promise<Edit> {
      const sent = await ask(SENDER, SEND, { input: { channelId, text: 'to be edited' } });
      const { id: messageId } = (sent as { sendMessage: { message: { id: string } } }).sendMessage.message;
      for (let i = 0; i < reactions; i++) {
        await joinChannel(channelId, [i]);
        await ask(subscriberName(i), REACT, { input: { messageId, emoji: '👍' } });
      }
      return (text) => post(senderToken, EDIT, { input: { messageId, text } });
    },
  };
}

async function backscroll(store: StoreName, built: Built): Promise<Contender> {
  await using opening = new AsyncDisposableStack();
  const dir = await mkdtemp(join(tmpdir(), 'backscroll-bench-'));
  opening.defer(() => rm(dir, { recursive: true }));
  const database = await scratchDatabase();
  opening.defer(() => database.drop());
  const redis = serviceUrl('redis');
  const people = { DATABASE_URL: database.url };
  let running: Server;
  if (store === 'cassandra') {
    const keyspace = scratchKeyspace('bench');
    opening.defer(() => keyspace.drop());
    const stores = { CASSANDRA_URL: keyspace.url, REDIS_URL: redis, ALLOW_PERIODIC_COMMITLOG: '1' };
    running = await startServer(dir, { ...people, ...stores }, [
      ...collecting(built),
      built.file('main'),
      'serve',
    ]);
  } else {
    running = await startServer(dir, people, [...collecting(built), built.file('backscroll'), redis]);
  }
  opening.defer(() => running.stop());
  const server = { pid: running.pid, port: Number(new URL(running.url).port), stop: running.stop };
  const { ask, ...rest } = await graphql(server, running.token, true);
  const opened = opening.move();
  return {
    ...rest,
    name: 'backscroll',
    async newChannel() {
      const name = channelName();
      const created = await ask(SENDER, CREATE, { input: { handle: name, name } });
      return (created as { createChannel: { channel: { id: string } } }).createChannel.channel.id;
    },
    stop: () => opened.disposeAsync(),
  };
}
