/** An outbox kept in memory; rows were committed in the order in which they were put there. */
import { vi } from 'vitest';
import type { OutboxRow } from '../port.ts';

/** A row of channel `c`, long due, unless told otherwise. */
export const outboxRow = (id: string, given: Partial<OutboxRow> = {}): OutboxRow => ({
  id,
  organizationId: 'o',
  channelId: 'c',
  kind: 'CHANNEL_UPDATED',
  actorId: 'ada',
  userId: null,
  createdAt: new Date(0),
  ...given,
});

export function memoryOutbox(given: readonly OutboxRow[]) {
  let rows = [...given];
  return {
    put: (...more: readonly OutboxRow[]) => void rows.push(...more),
    /** What is open. */
    ids: () => rows.map((row) => row.id),
    due: vi.fn(
      async (
        olderThanMs: number,
        limit: number,
        _awayCells?: readonly string[],
      ): Promise<readonly OutboxRow[]> => {
        const firsts = new Map(
          rows.toReversed().map((row) => [`${row.organizationId}/${row.channelId}`, row]),
        );
        const before = Date.now() - olderThanMs;
        return rows
          .filter((row) => firsts.get(`${row.organizationId}/${row.channelId}`) === row)
          .filter((row) => row.createdAt.getTime() < before)
          .slice(0, limit);
      },
    ),
    open: vi.fn(async (organizationId: string, channelId: string, limit: number) =>
      rows
        .filter((row) => row.organizationId === organizationId && row.channelId === channelId)
        .slice(0, limit),
    ),
    done: async (ids: readonly string[]): Promise<void> => {
      rows = rows.filter((row) => !ids.includes(row.id));
    },
  };
}
