/**
 * What is kept in memory of memberships, where this process alone has the database. Checkpoints and affinities, the
 * hottest writes, come many together and say what each row is afterwards: they take the place of what is kept, which
 * would otherwise be read again by everybody who sends next.
 */
import type { Membership } from '../../chat/channels/port.ts';
import type { Database } from './database.ts';
import { KeptRows } from './kept-rows.ts';
import type { Writes } from './writes.ts';

/** Whether somebody in the channel asked to be told of everything. */
export interface Listened {
  readonly isListened: boolean;
}

const placeOf = (organizationId: string, userId: string): string => `${organizationId}/${userId}`;

export class KeptMemberships {
  readonly #writes: Writes;
  readonly #memberships: KeptRows<Membership>;
  readonly #listened: KeptRows<Listened>;

  constructor(writes: Writes) {
    this.#writes = writes;
    this.#memberships = new KeptRows(writes, 'memberships');
    this.#listened = new KeptRows(writes, 'memberships');
  }

  /** A person's in some channels; `ask` answers for each channel, in their order. */
  ofUser(
    organizationId: string,
    userId: string,
    channelIds: readonly string[],
    ask: (channelIds: readonly string[]) => Promise<readonly (Membership | null)[]>,
  ): Promise<readonly (Membership | null)[]> {
    return this.#memberships.of(placeOf(organizationId, userId), channelIds, ask);
  }

  /** A person's in one channel, at once; undefined: it has to be asked for. */
  ofUserNow(organizationId: string, userId: string, channelId: string): Membership | null | undefined {
    return this.#memberships.now(placeOf(organizationId, userId), channelId);
  }

  /** Of each channel; `ask` answers in their order. */
  listened(
    organizationId: string,
    channelIds: readonly string[],
    ask: (channelIds: readonly string[]) => Promise<readonly Listened[]>,
  ): Promise<readonly (Listened | null)[]> {
    return this.#listened.of(organizationId, channelIds, ask);
  }

  /** To be read right before a batch of moves is written, for `moved`. */
  version(): number | null {
    return this.#writes.version('memberships');
  }

  /**
   * A batch of moves is committed.
   * @param before the version right before it was written; null when another write was under way.
   * @param memberships all that it has changed: nothing of them but checkpoint and affinity.
   */
  moved(before: number | null, memberships: readonly Membership[]): void {
    if (before === null) return;
    this.#memberships.rewritten(
      before,
      memberships.map((row) => ({
        scope: placeOf(row.organizationId, row.userId),
        id: row.channelId,
        row,
      })),
    );
    this.#listened.rewritten(before, []);
  }
}

/** Null on a database that others write to as well. */
export const keptMembershipsOf = ({ writes }: Database): KeptMemberships | null =>
  writes === null ? null : new KeptMemberships(writes);
