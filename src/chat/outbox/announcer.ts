/**
 * Brings changes that began in Postgres into the channel's change log. An outbox row was written in the same
 * transaction as its change and names the send, so announcing twice makes one entry, and neither store's outage
 * loses it: what fails here is repeated by the sweeper.
 *
 * The log has the order of the commits: a channel's rows are announced oldest first, by whoever announces, and none
 * before the one ahead of it is in the log. Otherwise a join that waits in the outbox would come after the leave
 * that ended it, for ever.
 */

import { ChatError } from '../errors.ts';
import { Unchanged } from '../log/deciding.ts';
import type { ChangeEntry } from '../log/entries.ts';
import type { ChannelKey } from '../log/port.ts';
import type { Ports } from '../ports.ts';
import type { OutboxRow } from './port.ts';
import { Turns } from './turns.ts';

/** What announcing needs: the logs and the outbox. */
export interface AnnouncePorts {
  readonly messages: Pick<Ports['messages'], 'heads'>;
  readonly changes: { append(...args: Parameters<Ports['changes']['append']>): Promise<unknown> };
  readonly outbox: Pick<Ports['outbox'], 'open' | 'done'>;
  readonly logger: Ports['logger'];
}

/** How long a request waits for its announcement; it is saved in any case. */
const PATIENCE_MS = 2_000;
/** Clocks of two replicas and of the database differ by less: where to look for an earlier announcement. */
const SKEW_MS = 60_000;

/** Rows of one channel that are read at once. */
const PAGE = 100;

/** What one pass over a channel did. */
export interface Announced {
  readonly announced: number;
  /** A pass takes a bounded number: there may be more. */
  readonly isMore: boolean;
}

/** By outbox: requests and the sweeper take turns at a channel. */
const turns = new WeakMap<object, Turns<Announced>>();

/** The change that a row announces. @param head the newest number of the channel's messages. */
function changeOf({ kind, actorId, userId, thread }: OutboxRow, head: number): ChangeEntry {
  const change = { kind, actorId, userId };
  if (thread === undefined) return { ...change, head };
  const { channelId: threadId, rootSeq } = thread;
  return { ...change, head: Math.max(head, rootSeq), seq: rootSeq, threadId };
}

/** True when the log says so already, or when the message that the row is about has gone with a restored backup. */
const canBeForgotten = ({ thread }: OutboxRow, error: unknown): boolean =>
  error instanceof Unchanged ||
  (thread !== undefined && error instanceof ChatError && error.code === 'NOT_FOUND');

async function announceRow(ports: AnnouncePorts, channel: ChannelKey, row: OutboxRow): Promise<void> {
  const [head = 0] = await ports.messages.heads([channel]);
  const entry = changeOf(row, head);
  try {
    await ports.changes.append(channel, {
      sendKey: row.id,
      entry,
      bytes: Buffer.byteLength(JSON.stringify(entry)),
      searchBack: { since: row.createdAt.getTime() - SKEW_MS },
    });
  } catch (error) {
    if (!canBeForgotten(row, error)) throw error;
    ports.logger.warn({ err: error, row: row.id }, 'a change is not announced: there is nothing to say');
  }
  await ports.outbox.done([row.id]);
}

/**
 * Announces what is open of the channel, oldest first, and forgets it. Stops at the first failure and throws it; safe
 * to repeat, here and on any replica. Each row is in the log before the next one is tried by anybody: two that
 * announce at once both begin with the oldest, and one that does not see it finds it done.
 */
export function announceOpen(
  ports: AnnouncePorts,
  { organizationId, channelId }: ChannelKey,
): Promise<Announced> {
  const channel = { organizationId, channelId };
  const ownTurns = turns.get(ports.outbox) ?? new Turns<Announced>();
  turns.set(ports.outbox, ownTurns);
  return ownTurns.take(`${organizationId}/${channelId}`, async () => {
    const rows = await ports.outbox.open(organizationId, channelId, PAGE);
    for (const row of rows) await announceRow(ports, channel, row);
    return { announced: rows.length, isMore: rows.length === PAGE };
  });
}

/**
 * Announces rows right after their transaction, which was one channel's, behind those that are open before them.
 * Never throws, and returns after two seconds at the latest: the request has succeeded already.
 */
export async function announce(ports: AnnouncePorts, rows: readonly OutboxRow[]): Promise<void> {
  const [first] = rows;
  if (first === undefined) return;
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, PATIENCE_MS);
  const announced = announceOpen(ports, first).then(
    () => undefined,
    (error: unknown) => {
      ports.logger.warn({ err: error, rows: rows.length }, 'a change could not be announced yet');
    },
  );
  try {
    await Promise.race([announced, late]);
  } finally {
    clearTimeout(timer);
  }
}
