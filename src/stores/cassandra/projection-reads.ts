/** What projecting must know before it writes: what messages say and whether they are deleted, and which are pins. */
import type { ChangeEntry } from '../../chat/log/entries.ts';
import { bucketOf, type ChannelKey } from '../../chat/log/port.ts';
import type { MessageChange } from '../projected-entry.ts';
import { inParallel } from './in-parallel.ts';
import { type Said, saidOf } from './projecting.ts';
import type { ProjectionStatements } from './projection-statements.ts';
import type { Session } from './session.ts';
import { numberOrNull } from './values.ts';

/** Buckets read at a time. */
const AT_ONCE = 64;

const ofKind = (
  changes: readonly MessageChange[],
  ...kinds: readonly ChangeEntry['kind'][]
): readonly MessageChange[] => changes.filter(({ entry }) => kinds.includes(entry.kind));

/** Its calls have the deadline of whoever asks, and throw what the session throws. */
export class ProjectionReads {
  readonly #session: Session;
  readonly #cql: ProjectionStatements;
  readonly #bucketSize: number;

  constructor(session: Session, cql: ProjectionStatements, bucketSize: number) {
    this.#session = session;
    this.#cql = cql;
    this.#bucketSize = bucketSize;
  }

  /**
   * The rows of those messages that are edited or deleted. Before a deletion whatever is still on its way into the
   * bucket is settled, so that what it wrote can be erased.
   */
  async said(channel: ChannelKey, changes: readonly MessageChange[]): Promise<ReadonlyMap<number, Said>> {
    const asked = this.#byBucket(ofKind(changes, 'EDITED', 'DELETED'));
    const rows = await inParallel(asked, AT_ONCE, ([bucket, changes]) =>
      this.#rows(channel, bucket, changes, ofKind(changes, 'DELETED').length > 0),
    );
    return new Map(rows.flat());
  }

  /**
   * Those of the changes after which a pin must go: a deleted message is none. Whichever of pin and deletion comes
   * second looks for the other: to delete pins that are not there would leave a mark for every message that is ever
   * deleted, for a page of pins to read over.
   */
  async unpinned(channel: ChannelKey, changes: readonly MessageChange[]): Promise<readonly MessageChange[]> {
    const pinned = this.#byBucket(ofKind(changes, 'PINNED'));
    const late = await inParallel(pinned, AT_ONCE, async ([bucket, changes]) => {
      const said = new Map(await this.#rows(channel, bucket, changes, false));
      return changes.filter(({ entry }) => said.get(entry.seq)?.isDeleted === true);
    });
    return [...late.flat(), ...(await this.#pinnedAmong(channel, ofKind(changes, 'DELETED')))];
  }

  async #pinnedAmong(
    { organizationId, channelId }: ChannelKey,
    changes: readonly MessageChange[],
  ): Promise<readonly MessageChange[]> {
    if (changes.length === 0) return [];
    const seqs = [...new Set(changes.map(({ entry }) => entry.seq))];
    const params = [organizationId, channelId, seqs.map(BigInt)];
    const rows = await this.#session.read(this.#cql.pinsAmong, params);
    const pins = new Set(rows.map((row) => numberOrNull(row.seq)));
    return changes.filter(({ entry }) => pins.has(entry.seq));
  }

  #byBucket(changes: readonly MessageChange[]) {
    return [...Map.groupBy(changes, ({ entry }) => bucketOf(entry.seq, this.#bucketSize))];
  }

  /** The rows of the messages that these changes of one bucket are about, by number. */
  async #rows(
    { organizationId, channelId }: ChannelKey,
    bucket: number,
    changes: readonly MessageChange[],
    isSerial: boolean,
  ): Promise<readonly (readonly [number, Said])[]> {
    const seqs = new Set(changes.map(({ entry }) => entry.seq));
    const params = [organizationId, channelId, bucket, Array.from(seqs, BigInt)];
    const rows = isSerial
      ? await this.#session.readSerial(this.#cql.said, params)
      : await this.#session.read(this.#cql.said, params);
    return rows.map((row) => [numberOrNull(row.seq) ?? 0, saidOf(row)] as const);
  }
}
