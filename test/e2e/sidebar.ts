/**
 * A client with a sidebar, as the contract describes one: one subscription for all its channels, over as many
 * connections as it takes, each begun with the newest cursor of every channel. It notes the messages in the order told.
 */
import { comeBack, isAway } from './coming-back.ts';

export interface Sidebar {
  /** By channel, numbers of the messages told, in the order told. */
  readonly seqs: ReadonlyMap<string, readonly number[]>;
  /** By channel, where it would begin again. */
  readonly cursors: ReadonlyMap<string, string>;
  /** Results with errors, and events that say that something was missed: must stay empty. */
  readonly faults: readonly unknown[];
  readonly closeCodes: readonly number[];
  /** Cuts the socket without a goodbye; it comes back by itself. */
  cut(): void;
  stop(): Promise<void>;
}

interface Told {
  readonly __typename: string;
  readonly channelId: string | null;
  readonly cursor: string | null;
  readonly positions?: readonly { readonly channelId: string; readonly cursor: string }[];
  readonly message?: { readonly seq: number };
}

const EVENTS = `subscription ($after: [String!]) { events(after: $after) {
  __typename channelId cursor
  ... on Positions { positions { channelId cursor } }
  ... on MessagePosted { message { seq text author { handle } } }
} }`;

/** @param wsUrl where to connect next; it may be gone by then. */
export function openSidebar(wsUrl: () => string, token: string): Sidebar {
  const seqs = new Map<string, number[]>();
  const cursors = new Map<string, string>();
  const faults: unknown[] = [];

  const take = (told: Told): void => {
    for (const { channelId, cursor } of told.positions ?? []) cursors.set(channelId, cursor);
    if (told.channelId === null) return;
    if (told.message !== undefined) {
      seqs.set(told.channelId, [...(seqs.get(told.channelId) ?? []), told.message.seq]);
    }
    if (['HistorySkipped', 'PositionReset', 'ChannelDetached'].includes(told.__typename)) faults.push(told);
    if (told.cursor !== null) cursors.set(told.channelId, told.cursor);
  };

  const { closeCodes, cut, stop } = comeBack<{ events: Told }>({
    url: wsUrl,
    token,
    query: EVENTS,
    variables: () => ({ after: [...cursors.values()] }),
    take: ({ data, errors }) => {
      if (errors !== undefined && !isAway(errors)) faults.push(errors);
      else if (data) take(data.events);
    },
    refused: (errors) => {
      if (!isAway(errors)) faults.push(errors);
    },
    pauseMs: [20, 170],
  });
  return { seqs, cursors, faults, closeCodes, cut, stop };
}
