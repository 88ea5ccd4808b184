/** A channel with people and a message in it, over two replicas: where the tests of threads begin. */
import { randomUUID } from 'node:crypto';
import { vi } from 'vitest';
import { memoryLogs } from '../../changes/testing/memory-projections.ts';
import type { Sent } from '../../messages/send.ts';
import { freshTenant } from '../../people/testing/tenant.ts';
import { type Replica, startReplica, viewerOf } from '../../testing/replica.ts';
import type { Viewer } from '../../viewer.ts';
import type { Channel, Membership, PostingPolicy, ThreadRoot, Visibility } from '../port.ts';
import { threadIdOf } from '../thread-id.ts';
import { type ChannelStores, freshChannel } from './channels.ts';

export interface Scene {
  readonly organizationId: string;
  /** Ada is the channel's admin and has written its first message; Grace and Alan are members. */
  readonly ada: Viewer;
  readonly grace: Viewer;
  readonly alan: Viewer;
  /** Of the organization, in no channel. */
  readonly outsider: Viewer;
  /** An admin of the organization, in no channel. */
  readonly boss: Viewer;
  readonly channel: Channel;
  readonly root: ThreadRoot;
  /** Whether its thread was opened or not. */
  readonly threadId: string;
  readonly here: Replica;
  readonly there: Replica;
  /** Replies to the root, or to another message. */
  reply(replica: Replica, viewer: Viewer, text: string, given?: ReplyGiven): Promise<Sent>;
  say(viewer: Viewer, text: string, channelId?: string): Promise<Sent>;
  /** Their own place in the thread, or in another channel. */
  place(viewer: Viewer, channelId?: string): Promise<Membership | undefined>;
  /** The texts of the thread, by number. */
  replies(): Promise<readonly string[]>;
  /** The kinds in the channel's change log. */
  announced(): Promise<readonly string[]>;
}

export interface ReplyGiven {
  readonly clientMessageId?: string;
  readonly root?: ThreadRoot;
  readonly basis?: number;
}

/** Waits for what follows an answer in its own time, on a machine that may be busy. */
export const eventually = (check: () => Promise<void>): Promise<void> =>
  vi.waitFor(check, { timeout: 15_000, interval: 20 });

export interface SceneGiven {
  readonly visibility?: Visibility;
  readonly postingPolicy?: PostingPolicy;
}

export async function threadsScene(
  stores: readonly [ChannelStores, ChannelStores],
  given: SceneGiven = {},
): Promise<Scene & AsyncDisposable> {
  const { organizationId, people } = await freshTenant(stores[0], 5);
  const viewer = (i: number, isAdmin = false) => viewerOf(organizationId, people[i]?.id ?? '', isAdmin);
  const [ada, grace, alan, outsider, boss] = [viewer(0), viewer(1), viewer(2), viewer(3), viewer(4, true)];
  const channel = await freshChannel(stores[0], {
    organizationId,
    creatorId: ada.userId,
    memberIds: [grace.userId, alan.userId],
    ...given,
  });
  const logs = memoryLogs(4_096);
  const here = startReplica(stores[0], logs);
  const there = startReplica(stores[1], logs);
  const root = { channelId: channel.id, seq: 1 };
  const threadId = threadIdOf(organizationId, root);
  const send = (replica: Replica, who: Viewer, text: string, channelId: string, options: ReplyGiven) =>
    replica.chat.messages.send(who, {
      channelId,
      text,
      metadata: null,
      clientMessageId: options.clientMessageId ?? randomUUID(),
      basis: options.basis ?? null,
      threadRoot: options.root ?? null,
    });
  const scene: Scene = {
    organizationId,
    ada,
    grace,
    alan,
    outsider,
    boss,
    channel,
    root,
    threadId,
    here,
    there,
    reply: (replica, who, text, options = {}) =>
      send(replica, who, text, options.root?.channelId ?? channel.id, { root, ...options }),
    say: (who, text, channelId = channel.id) => send(here, who, text, channelId, {}),
    async place(who, channelId = threadId) {
      const [found] = await here.chat.memberships.ofViewer(who, [channelId]);
      return found;
    },
    async replies() {
      const rows = await here.ports.messages.range({ organizationId, channelId: threadId }, 1, 1_000);
      return rows.map((row, i) => `${row.seq === i + 1 ? '' : `${row.seq}: `}${row.entry.text}`);
    },
    async announced() {
      const rows = await here.ports.changes.range({ organizationId, channelId: channel.id }, 1, 1_000);
      return rows.map((row) => row.entry.kind);
    },
  };
  await scene.say(ada, 'Where is the key?');
  return {
    ...scene,
    async [Symbol.asyncDispose]() {
      await Promise.all([here.close(), there.close()]);
    },
  };
}
