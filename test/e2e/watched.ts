/** One server on embedded stores as a process of its own, whose memory and open things can be looked at. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.ts';
import { spawnReplica } from './process.ts';
import { request } from './requests.ts';

export interface Watched {
  readonly url: string;
  readonly wsUrl: string;
  /** What it wrote to its log so far. */
  log(): string;
  /** A token of this person of the demo organization. */
  token(handle: string): Promise<string>;
  /** A public channel of this person. */
  channel(token: string): Promise<string>;
  /** After garbage was collected. */
  look(): Promise<Look>;
  close(): Promise<void>;
}

/** What a process holds. */
export interface Look {
  readonly sockets: number;
  readonly subscriptions: number;
  readonly channels: number;
  readonly topics: number;
  /** What keeps the process alive, counted by kind, without connections that were made to look. */
  readonly resources: Readonly<Record<string, number>>;
  /** Of the JavaScript heap and of buffers beside it. */
  readonly usedBytes: number;
  readonly residentBytes: number;
}

/** Collects garbage on SIGUSR2: a test looks at what is held and not at what lies about. */
const COLLECT = `data:text/javascript,${encodeURIComponent("process.on('SIGUSR2', () => gc())")}`;

export async function startWatched(): Promise<Watched> {
  const dataDir = await mkdtemp(join(tmpdir(), 'backscroll-watched-'));
  const port = await freePort();
  const { PATH, HOME } = process.env;
  const { replica, ready } = spawnReplica(port, {
    PATH,
    HOME,
    DATA_DIR: dataDir,
    LOG_LEVEL: 'warn',
    SEND_LIMIT_PER_USER: '0',
    SEND_LIMIT_PER_CHANNEL: '0',
    NODE_OPTIONS: `--expose-gc --import=${COLLECT}`,
  });
  await ready;
  const base = replica.url.replace('/graphql', '');
  const metrics = async () => {
    const response = await fetch(`${base}/metrics`, { headers: { connection: 'close' } });
    return parse(await response.text());
  };
  return {
    ...replica,
    token: async (handle) => {
      const response = await fetch(`${base}/auth/dev`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ organization: 'demo', handle }),
      });
      const { token } = (await response.json()) as { token: string };
      return token;
    },
    channel: async (token) => {
      const made = await request<{ createChannel: { channel: { id: string } } }>(
        replica.url,
        token,
        'mutation ($input: CreateChannelInput!) { createChannel(input: $input) { channel { id } } }',
        { input: { name: `Watched ${Date.now()}` } },
      );
      return made.createChannel.channel.id;
    },
    look: async () => {
      for (let i = 0; i < 3; i += 1) {
        replica.collect();
        await sleep(200);
      }
      return lookAt(await metrics());
    },
    close: async () => {
      await replica.end('SIGTERM');
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

function lookAt(metrics: ReadonlyMap<string, number>): Look {
  const of = (name: string) => metrics.get(name) ?? Number.NaN;
  const resources: Record<string, number> = {};
  for (const [name, value] of metrics) {
    const kind = /^nodejs_active_resources\{type="(\w+)"\}$/.exec(name)?.[1];
    // The request that asks for them is one such socket itself.
    if (kind !== undefined && kind !== 'TCPSocketWrap') resources[kind] = value;
  }
  return {
    sockets: of('backscroll_websockets'),
    subscriptions: of('backscroll_live_subscriptions'),
    channels: of('backscroll_live_channels'),
    topics: of('backscroll_live_topics'),
    resources,
    usedBytes: of('nodejs_heap_size_used_bytes') + of('nodejs_external_memory_bytes'),
    residentBytes: of('process_resident_memory_bytes'),
  };
}

const parse = (text: string): Map<string, number> =>
  new Map(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => {
        const at = line.lastIndexOf(' ');
        return [line.slice(0, at), Number(line.slice(at + 1))];
      }),
  );
