/** What can be done with messages: the use cases of this folder over the ports they share. */
import type { ActivityNotes } from '../channels/activity.ts';
import type { AdvanceQueue } from '../memberships/advance-queue.ts';
import type { Ports } from '../ports.ts';
import type { Viewer } from '../viewer.ts';
import { cursorAt, cursorOf, type Heads, type MessagePage, messagePage } from './history.ts';
import type { Message } from './message.ts';
import type { HistoryArgs } from './page.ts';
import { type SendInput, type Sent, sendMessage } from './send.ts';

export interface MessageRef {
  readonly channelId: string;
  readonly seq: number;
}

/** Reads take channels that the caller has checked; `send` checks by itself. */
export interface Messages {
  send(viewer: Viewer, input: SendInput): Promise<Sent>;
  /** Newest numbers, in the order asked. */
  heads(viewer: Viewer, channelIds: readonly string[]): Promise<readonly number[]>;
  /** Newest numbers of the change logs, in the order asked. */
  revs(viewer: Viewer, channelIds: readonly string[]): Promise<readonly number[]>;
  /** In the order asked; null for a number that is not there. */
  byRefs(viewer: Viewer, refs: readonly MessageRef[]): Promise<readonly (Message | null)[]>;
  page(
    viewer: Viewer,
    channelId: string,
    args: HistoryArgs,
    heads: Heads,
    checkpoint: number | null,
  ): Promise<MessagePage>;
  cursorAt(viewer: Viewer, channelId: string, at: number): Promise<string>;
  cursorOf(channelId: string, seq: number, head: number): string;
}

export function createMessages(
  ports: Ports,
  effects: { readonly advances: AdvanceQueue; readonly activity: ActivityNotes },
): Messages {
  const keys = (viewer: Viewer, ids: readonly string[]) =>
    ids.map((channelId) => ({ organizationId: viewer.tenant.organizationId, channelId }));
  return {
    send: (viewer, input) => sendMessage(ports, effects, viewer, input),
    heads: (viewer, ids) => ports.messages.heads(keys(viewer, ids)),
    revs: (viewer, ids) => ports.changes.heads(keys(viewer, ids)),
    async byRefs(viewer, refs) {
      const { organizationId } = viewer.tenant;
      const rows = await ports.messages.rows(
        refs.map(({ channelId, seq }) => ({ channel: { organizationId, channelId }, seq })),
      );
      return refs.map(({ channelId }, i) => {
        const row = rows[i] ?? null;
        return row === null ? null : { channelId, row };
      });
    },
    page: (viewer, channelId, args, heads, checkpoint) =>
      messagePage(ports, viewer, channelId, args, heads, checkpoint),
    cursorAt: (viewer, channelId, at) => cursorAt(ports, viewer, channelId, at),
    cursorOf,
  };
}
