/**
 * The README's commands and documents, run as a stranger would paste them: read from the file itself, with only ports,
 * folders and stores put where the tests may have them. (`npm ci`, `npm test` and `scripts/services` are run by CI.)
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { request } from './e2e/requests.ts';
import { describeWith, serviceUrl } from './services.ts';

const root = new URL('../', import.meta.url);
const readme = readFileSync(new URL('README.md', root), 'utf8');
const blocks = (language: string): string[] =>
  [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map((m) => m[1] ?? '');

/** The one block of a language that holds `part`; a README that lost it fails. */
function block(language: string, part: string): string {
  const found = blocks(language).filter((text) => text.includes(part));
  expect(found, `blocks of ${language} with ${part}`).toHaveLength(1);
  return found[0] ?? '';
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => {
    const address = server.address();
    return address !== null && typeof address === 'object' ? address.port : 0;
  });
  for (const server of servers) server.close();
  return ports;
}

/** Starts a command line of its own process group, so that what npm starts ends with it. */
function start(script: string, env: Readonly<Record<string, string>>): ChildProcess {
  return spawn('bash', ['-c', script], {
    cwd: root,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function stop(child: ChildProcess): Promise<void> {
  const { pid } = child;
  if (pid === undefined) return;
  const signal = (name: 'SIGTERM' | 'SIGKILL' | 0): boolean => {
    try {
      return process.kill(-pid, name);
    } catch {
      return false; // Nobody is left in the group.
    }
  };
  signal('SIGTERM');
  for (let waited = 0; waited < 10_000 && signal(0); waited += 100) await sleep(100);
  signal('SIGKILL');
}

async function ready(port: number): Promise<void> {
  for (let waited = 0; waited < 45_000; waited += 200) {
    const response = await fetch(`http://127.0.0.1:${port}/health/ready`).catch(() => null);
    if (response?.ok) return;
    await sleep(200);
  }
  throw new Error(`nothing is ready on port ${port}`);
}

const bash = async (script: string, env: Readonly<Record<string, string>>): Promise<string> => {
  const options = {
    cwd: root,
    timeout: 60_000,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
  };
  return (await promisify(execFile)('bash', ['-ec', script], options)).stdout;
};

describe('the README on a machine with nothing but Node', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'backscroll-readme-'));
  let port = 0;
  let server: ChildProcess;
  let printed = '';
  beforeAll(async () => {
    [port = 0] = await freePorts(1);
    const command = block('sh', 'npm ci && npm start').replace('npm ci && ', '').trim();
    expect(command).toBe('npm start');
    server = start(command, { PORT: String(port), DATA_DIR: dataDir });
    server.stdout?.on('data', (chunk: Buffer) => (printed += chunk));
    await ready(port);
  }, 60_000);
  afterAll(async () => {
    await stop(server);
    rmSync(dataDir, { recursive: true, force: true });
  });

  const here = (text: string): string => text.replaceAll('127.0.0.1:4000', `127.0.0.1:${port}`);
  let printedToken: Promise<string> | undefined;
  const token = (): Promise<string> => {
    printedToken ??= bash('npm run -s cli -- token demo ada', { DATA_DIR: dataDir }).then((text) =>
      text.trim(),
    );
    return printedToken;
  };
  const general = async (): Promise<string> => {
    const data = await request<{ channel: { id: string } }>(
      `http://127.0.0.1:${port}/graphql`,
      await token(),
      '{ channel(handle: "general") { id } }',
    );
    return data.channel.id;
  };

  test('npm start says where it is and how to sign in', () => {
    for (const part of [`127.0.0.1:${port}`, dataDir, '?as=ada', '?as=grace', 'curl '])
      expect(printed).toContain(part);
  });

  test('the first query answers something', async () => {
    const output = await bash(here(block('sh', 'messages(last: 3)')), { DATA_DIR: dataDir });
    const { data, errors } = JSON.parse(output);
    expect(errors).toBeUndefined();
    expect(data.channel.messages.edges).toHaveLength(3);
    expect(data.channel.messages.edges[0].node.author.name).not.toBe('');
  }, 60_000);

  test('the first send is saved, and saved once', async () => {
    const document = block('graphql', 'mutation Send');
    const variables = { channelId: await general() };
    const send = async () =>
      request<{ sendMessage: { isDuplicate: boolean; message: { id: string } } }>(
        `http://127.0.0.1:${port}/graphql`,
        await token(),
        document,
        variables,
      );
    const first = await send();
    const again = await send();
    expect(first.sendMessage.isDuplicate).toBe(false);
    expect(again.sendMessage).toMatchObject({
      isDuplicate: true,
      message: { id: first.sendMessage.message.id },
    });
  }, 60_000);

  const run = async <Data>(document: string, variables: object): Promise<Data> =>
    request<Data>(`http://127.0.0.1:${port}/graphql`, await token(), document, variables);
  const messageOfAda = async (): Promise<{ id: string; position: string }> => {
    const { channel } = await run<{
      channel: {
        messages: { position: string; edges: { node: { id: string; author: { handle: string } } }[] };
      };
    }>(
      '{ channel(handle: "general") { messages { position edges { node { id author { handle } } } } } }',
      {},
    );
    const own = channel.messages.edges.find(({ node }) => node.author.handle === 'ada');
    if (own === undefined) throw new Error('Ada has said nothing');
    return { id: own.node.id, position: channel.messages.position };
  };

  test('a message is edited, reacted to and pinned, and a cache asks what changed', async () => {
    const { id, position } = await messageOfAda();
    const change = () =>
      run<{
        editMessage: { message: { text: string; editedAt: string } };
        addReaction: {
          message: { reactions: { emoji: string; count: number; viewerHasReacted: boolean }[] };
        };
        pinMessage: { message: { isPinned: boolean } };
      }>(block('graphql', 'mutation Change'), { id });
    const first = await change();
    expect(first.editMessage.message.text).toContain('It can win');
    expect(first.addReaction.message.reactions).toContainEqual(
      expect.objectContaining({ emoji: '👏', count: 1, viewerHasReacted: true }),
    );
    expect(first.pinMessage.message.isPinned).toBe(true);
    expect(await change()).toEqual(first);
    const { channel } = await run<{
      channel: {
        changedMessages: { edges: { node: { id: string } }[] };
        pins: { edges: { node: { text: string } }[] };
      };
    }>(block('graphql', 'query Changed'), { channelId: await general(), after: position });
    expect(channel.changedMessages.edges.map(({ node }) => node.id)).toEqual([id]);
    expect(channel.pins.edges.map(({ node }) => node.text)).toContain('It can win at chess now, @alan.');
  }, 60_000);

  test('a reply opens a thread, once', async () => {
    const { id: rootId } = await messageOfAda();
    const reply = async () =>
      run<{
        sendMessage: {
          isDuplicate: boolean;
          message: { seq: number; channel: { type: string; threadRoot: { replyCount: number } } };
        };
      }>(block('graphql', 'mutation Reply'), { channelId: await general(), rootId });
    const first = await reply();
    expect(first.sendMessage).toMatchObject({
      isDuplicate: false,
      message: { seq: 1, channel: { type: 'THREAD', threadRoot: { replyCount: 1 } } },
    });
    expect((await reply()).sendMessage).toMatchObject({ isDuplicate: true, message: { seq: 1 } });
  }, 60_000);

  test('the first subscription is live', async () => {
    const { createClient } = await import('graphql-ws');
    const { default: webSocketImpl } = await import('ws');
    const client = createClient({
      url: `ws://127.0.0.1:${port}/graphql`,
      webSocketImpl,
      connectionParams: { authorization: await token() },
    });
    const events = client.iterate<{ events: { __typename: string } }>({
      query: block('graphql', 'subscription Everything'),
    });
    const first = await events.next();
    await client.dispose();
    expect(first.value?.data?.events.__typename).toBe('Ready');
  }, 60_000);
});

await describeWith(['postgres', 'cassandra', 'redis'], 'the README on real services', () => {
  const name = `readme_${randomBytes(6).toString('hex')}`;
  let server: ChildProcess;
  let ports: number[] = [];
  let output = '';

  const onServer = async (statement: string): Promise<void> => {
    const client = new pg.Client({ connectionString: serviceUrl('postgres') });
    await client.connect();
    await client.query(statement);
    await client.end();
  };

  beforeAll(async () => {
    ports = await freePorts(2);
    await onServer(`CREATE DATABASE ${name}`);
    const database = new URL(serviceUrl('postgres'));
    database.pathname = `/${name}`;
    const script = block('sh', 'export DATABASE_URL')
      .replace(/(export DATABASE_URL=).*/, `$1'${database.href}'`)
      .replace(
        /(export CASSANDRA_URL=).*/,
        `$1'${serviceUrl('cassandra').replace('/backscroll', `/${name}`)}'`,
      )
      .replace(/(export REDIS_URL=).*/, `$1'${serviceUrl('redis')}'`)
      .replace('PORT=4001', `echo "token:$TOKEN"; PORT=${ports[0]}`)
      .replace('PORT=4002', `PORT=${ports[1]}`);
    server = start(`set -e\n${script}`, {});
    server.stdout?.on('data', (chunk: Buffer) => (output += chunk));
    server.stderr?.on('data', (chunk: Buffer) => (output += chunk));
    await Promise.all(ports.map(ready)).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${output}`);
    });
  }, 90_000);
  afterAll(async () => {
    await stop(server);
    await onServer(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  });

  test('two replicas serve the same organization', async () => {
    const token = /token:(\S+)/.exec(output)?.[1] ?? '';
    const ids = await Promise.all(
      ports.map((port) =>
        request<{ viewer: { user: { id: string; handle: string } } }>(
          `http://127.0.0.1:${port}/graphql`,
          token,
          '{ viewer { user { id handle } } }',
        ),
      ),
    );
    expect(ids[0]?.viewer.user.handle).toBe('ada');
    expect(ids[1]).toEqual(ids[0]);
  });
});
