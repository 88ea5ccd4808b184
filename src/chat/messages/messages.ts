/** What can be done with messages: the use cases of this folder over the ports they share. */
import type { ActivityNotes } from '../channels/activity.ts';
import type { ReactionSummary } from '../log/entries.ts';
import { fromStore } from '../log/failures.ts';
import type { AdvanceQueue } from '../memberships/advance-queue.ts';
import type { FanOut } from '../notifications/fan-out.ts';
import type { Recounts } from '../notifications/recounts.ts';
import type { PageArgs } from '../paging/page-args.ts';
import type { Ports } from '../ports.ts';
import type { Viewer } from '../viewer.ts';
import { type ChangedArgs, changedPage } from './changed.ts';
import type { Heads, MessagePage } from './connection.ts';
import { deleteMessage } from './delete.ts';
import { type EditInput, editMessage } from './edit.ts';
import { cursorAt, cursorOf, messagePage, type PageReads } from './history.ts';
import type { Message, MessageRef } from './message.ts';
import type { HistoryArgs } from './page.ts';
import { setPinned } from './pin.ts';
import { pinnedPage } from './pins.ts';
import { type ReactionInput, react } from './react.ts';
import { type SendInput, type Sent, sendMessage } from './send.ts';
import { SharedReads } from './shared-reads.ts';

export type { Heads, MessagePage } from './connection.ts';
export type { MessageRef } from './message.ts';

/** One emoji on one message. */
export interface ReactionRef extends MessageRef {
  readonly emoji: string;
}

/** Reads take channels that the caller has checked; what changes something checks by itself. */
export interface Messages {
  send(viewer: Viewer, input: SendInput): Promise<Sent>;
  /** Each change answers with the message as it is then; one that changes nothing is no error. */
  edit(viewer: Viewer, input: EditInput): Promise<Message>;
  delete(viewer: Viewer, ref: MessageRef): Promise<Message>;
  react(viewer: Viewer, input: ReactionInput, isAdded: boolean): Promise<Message>;
  setPinned(viewer: Viewer, ref: MessageRef, isPinned: boolean): Promise<Message>;
  /** Newest numbers, in the order asked. */
  heads(viewer: Viewer, channelIds: readonly string[]): Promise<readonly number[]>;
  /** Newest numbers of the change logs, in the order asked: every change up to them shows in the messages read next. */
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
  /** Messages changed since `after`, each once, at its newest change. */
  changed(viewer: Viewer, channelId: string, args: ChangedArgs, heads: Heads): Promise<MessagePage>;
  /** Pinned messages, oldest to newest. */
  pins(viewer: Viewer, channelId: string, args: PageArgs, heads: Heads): Promise<MessagePage>;
  /**
   * Ids of the first `first` (at most 200) who reacted so, in the order in which they did. One store call; cheaper
   * with the summary that came with the message.
   */
  reactors(
    viewer: Viewer,
    refs: readonly (ReactionRef & { readonly summary?: ReactionSummary })[],
    first: number,
  ): Promise<readonly (readonly string[])[]>;
  /**
   * Whether the viewer has reacted so (or, where `userId` is given, that person of the organization), in the order
   * asked. One store call.
   */
  haveReacted(
    viewer: Viewer,
    refs: readonly (ReactionRef & { readonly userId?: string })[],
  ): Promise<readonly boolean[]>;
  cursorAt(viewer: Viewer, channelId: string, at: number): Promise<string>;
  cursorOf(channelId: string, seq: number, head: number): string;
}

/** What follows a send or a change, in its own time. */
export interface Effects {
  readonly advances: AdvanceQueue;
  readonly activity: ActivityNotes;
  readonly fanOut: Pick<FanOut, 'sent'>;
  readonly recounts: Pick<Recounts, 'around'>;
}

export function createMessages(ports: Ports, effects: Effects): Messages {
  const reads: PageReads = new SharedReads();
  const keyOf = (viewer: Viewer, channelId: string) => ({
    organizationId: viewer.tenant.organizationId,
    channelId,
  });
  const keys = (viewer: Viewer, ids: readonly string[]) => ids.map((id) => keyOf(viewer, id));
  return {
    send: (viewer, input) => sendMessage(ports, effects, viewer, input),
    edit: (viewer, input) => editMessage(ports, effects.recounts, viewer, input),
    delete: (viewer, ref) => deleteMessage(ports, effects.recounts, viewer, ref),
    react: (viewer, input, isAdded) => react(ports, viewer, input, isAdded),
    setPinned: (viewer, ref, isPinned) => setPinned(ports, viewer, ref, isPinned),
    heads: (viewer, ids) => ports.messages.heads(keys(viewer, ids)),
    revs: (viewer, ids) => ports.changes.heads(keys(viewer, ids)),
    async byRefs(viewer, refs) {
      const rows = await ports.messages.rows(
        refs.map(({ channelId, seq }) => ({ channel: keyOf(viewer, channelId), seq })),
      );
      return refs.map(({ channelId }, i) => {
        const row = rows[i] ?? null;
        return row === null ? null : { channelId, row };
      });
    },
    page: (viewer, channelId, args, heads, checkpoint) =>
      messagePage(ports, reads, viewer, channelId, args, heads, checkpoint),
    changed: (viewer, channelId, args, heads) => changedPage(ports, viewer, channelId, args, heads),
    pins: (viewer, channelId, args, heads) => pinnedPage(ports, viewer, channelId, args, heads),
    reactors: (viewer, refs, first) =>
      fromStore(
        ports.projections.reactors(
          refs.map(({ channelId, seq, emoji, summary }) => ({
            channel: keyOf(viewer, channelId),
            seq,
            emoji,
            ...(summary === undefined ? {} : { since: summary.since }),
          })),
          first,
        ),
      ),
    async haveReacted(viewer, refs) {
      const revs = await fromStore(
        ports.projections.reactionRevs(
          refs.map(({ channelId, seq, emoji, userId = viewer.userId }) => ({
            channel: keyOf(viewer, channelId),
            seq,
            emoji,
            userId,
          })),
        ),
      );
      return revs.map((rev) => rev !== null);
    },
    cursorAt: (viewer, channelId, at) => cursorAt(ports, viewer, channelId, at),
    cursorOf,
  };
}
