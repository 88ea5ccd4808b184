/**
 * Brings a change that began in Postgres into the channel's change log. Its outbox row was written in the same
 * transaction as the change and names the send, so announcing twice makes one entry, and neither store's outage
 * loses it: what fails here is repeated by the sweeper.
 */
import type { OutboxRow } from '../channels/port.ts';
import type { ChangeEntry } from '../log/entries.ts';
import type { Ports } from '../ports.ts';

/** What announcing needs: the logs and the outbox. */
export interface AnnouncePorts {
  readonly messages: Pick<Ports['messages'], 'heads'>;
  readonly changes: { append(...args: Parameters<Ports['changes']['append']>): Promise<unknown> };
  readonly outbox: Pick<Ports['outbox'], 'done'>;
  readonly logger: Ports['logger'];
}

/** How long a request waits for its announcement; it is saved in any case. */
const PATIENCE_MS = 2_000;
/** Clocks of two replicas and of the database differ by less: where to look for an earlier announcement. */
const SKEW_MS = 60_000;

/** Appends the change and forgets its outbox row. Throws ChatError; safe to repeat. */
export async function announceRow(ports: AnnouncePorts, row: OutboxRow): Promise<void> {
  const key = { organizationId: row.organizationId, channelId: row.channelId };
  const [head = 0] = await ports.messages.heads([key]);
  const entry: ChangeEntry = { kind: row.kind, head, actorId: row.actorId, userId: row.userId };
  await ports.changes.append(key, {
    sendKey: row.id,
    entry,
    bytes: Buffer.byteLength(JSON.stringify(entry)),
    searchBack: { since: row.createdAt.getTime() - SKEW_MS },
  });
  await ports.outbox.done([row.id]);
}

async function announceInOrder(ports: AnnouncePorts, rows: readonly OutboxRow[]): Promise<void> {
  for (const row of rows) await announceRow(ports, row);
}

/**
 * Announces the rows right after their transaction, in their order. Never throws, and returns after two seconds at
 * the latest: the request has succeeded already.
 */
export async function announce(ports: AnnouncePorts, rows: readonly OutboxRow[]): Promise<void> {
  if (rows.length === 0) return;
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, PATIENCE_MS);
  const announced = announceInOrder(ports, rows).catch((error: unknown) => {
    ports.logger.warn({ err: error, rows: rows.length }, 'a change could not be announced yet');
  });
  try {
    await Promise.race([announced, late]);
  } finally {
    clearTimeout(timer);
  }
}
