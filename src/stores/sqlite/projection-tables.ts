/**
 * Projections on the embedded store: what changes make of messages, who reacted, what is pinned. Runs in the worker,
 * within the transaction of the group.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { ReactionSummary } from '../../chat/log/entries.ts';
import { one, preparing } from './prepare.ts';
import { merge, storedOf } from './projection.ts';
import type { ChangeTuple, ChannelTuple, ProjectionCall, ProjectionMethods } from './protocol.ts';

export class ProjectionTables {
  readonly #message: StatementSync;
  readonly #setProjection: StatementSync;
  readonly #eraseMessage: StatementSync;
  readonly #eraseEdit: StatementSync;
  readonly #setReaction: StatementSync;
  readonly #setSummary: StatementSync;
  readonly #summaries: StatementSync;
  readonly #pin: StatementSync;
  readonly #unpin: StatementSync;
  readonly #setProjected: StatementSync;
  readonly #reactionRev: StatementSync;
  readonly #reactors: StatementSync;
  readonly #pinsUp: StatementSync;
  readonly #pinsDown: StatementSync;

  #hasErased = false;

  constructor(db: DatabaseSync) {
    const prepare = preparing(db);
    const channel = 'organization_id = ? AND channel_id = ?';
    const message = `${channel} AND seq = ?`;
    const newer = 'WHERE excluded.rev > rev';

    this.#message = prepare(`SELECT projection FROM messages WHERE ${message}`);
    this.#setProjection = prepare(`UPDATE messages SET projection = ? WHERE ${message}`);
    // Fields that only a newer version knows may hold what was said, too.
    this.#eraseMessage = prepare(
      `UPDATE messages SET text = '', metadata = NULL, mentions = NULL, extra = NULL WHERE ${message}`,
    );
    this.#eraseEdit = prepare(`UPDATE changes SET content = NULL WHERE ${message} AND content IS NOT NULL`);
    this.#setReaction = prepare(
      `INSERT INTO reactions (organization_id, channel_id, seq, emoji, user_id, rev, is_given)
       VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET rev = excluded.rev, is_given = excluded.is_given ${newer}`,
    );
    this.#setSummary = prepare(
      `INSERT INTO reaction_summaries (organization_id, channel_id, seq, emoji, rev, summary)
       VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET rev = excluded.rev, summary = excluded.summary ${newer}`,
    );
    this.#summaries = prepare(
      `SELECT emoji, summary FROM reaction_summaries WHERE ${message} AND summary IS NOT NULL`,
    );
    this.#pin = prepare('INSERT OR IGNORE INTO pins (organization_id, channel_id, seq) VALUES (?, ?, ?)');
    this.#unpin = prepare(`DELETE FROM pins WHERE ${message}`);
    this.#setProjected = prepare(
      `UPDATE changes_buckets SET projected = max(coalesce(projected, 0), ?) WHERE ${channel} AND bucket = ?`,
    );
    this.#reactionRev = prepare(
      `SELECT rev FROM reactions WHERE ${message} AND emoji = ? AND user_id = ? AND is_given = 1`,
    );
    this.#reactors = prepare(
      `SELECT user_id FROM reactions WHERE ${message} AND emoji = ? AND is_given = 1 ORDER BY rev LIMIT ?`,
    );
    const pins = `SELECT seq FROM pins WHERE ${channel} AND seq > ? AND seq < ? ORDER BY seq`;
    this.#pinsUp = prepare(`${pins} LIMIT ?`);
    this.#pinsDown = prepare(`${pins} DESC LIMIT ?`);
  }

  /** True once after something was erased. */
  takeErased(): boolean {
    const hasErased = this.#hasErased;
    this.#hasErased = false;
    return hasErased;
  }

  answer({ method, args }: ProjectionCall): ProjectionMethods[keyof ProjectionMethods]['answer'] {
    switch (method) {
      case 'project':
        for (const [seq, changes] of Map.groupBy(args.changes, (change) => change[3]))
          this.#project(args.channel, seq, changes);
        return null;
      case 'eraseEdits':
        for (const rev of args.revs) this.#eraseContent(args.channel, rev);
        return null;
      case 'noteProjected':
        this.#setProjected.run(args.rev, ...args.ref);
        return null;
      case 'reactionRevs':
        return args.refs.map((ref) => one<[number]>(this.#reactionRev, ref)?.[0] ?? null);
      case 'reactors':
        return args.refs.map((ref) => firsts<string>(this.#reactors.all(...ref, args.first)));
      case 'pins': {
        const statement = args.backward ? this.#pinsDown : this.#pinsUp;
        return firsts<number>(statement.all(...args.channel, args.after, args.before, args.limit));
      }
    }
  }

  #project(channel: ChannelTuple, seq: number, changes: readonly ChangeTuple[]): void {
    const message = [...channel, seq] as const;
    const row = one<[string | null]>(this.#message, message);
    if (row === null) return;
    let stored = storedOf(row[0]);
    for (const change of changes) stored = merge(stored, change);
    if (stored === null) return;

    const reactions = changes.filter((change) => change[5] !== null);
    for (const [rev, , kind, , , emoji, userId, reaction] of reactions) {
      this.#setSummary.run(...message, emoji, rev, reaction);
      if (userId !== null)
        this.#setReaction.run(...message, emoji, userId, rev, kind === 'REACTION_ADDED' ? 1 : 0);
    }
    if (reactions.length > 0) {
      const { reactions: _, ...rest } = stored;
      const summaries = this.#summariesOf(message);
      stored = Object.keys(summaries).length === 0 ? rest : { ...rest, reactions: summaries };
    }
    this.#setProjection.run(JSON.stringify(stored), ...message);

    if (stored.pinned?.at == null) this.#unpin.run(...message);
    else this.#pin.run(...message);
    if (stored.deleted === undefined) return;
    this.#hasErased = true;
    this.#eraseMessage.run(...message);
    for (const [rev, , kind] of changes) if (kind === 'EDITED') this.#eraseContent(channel, rev);
  }

  #eraseContent(channel: ChannelTuple, rev: number): void {
    if (this.#eraseEdit.run(...channel, rev).changes > 0) this.#hasErased = true;
  }

  /** Of the emoji that somebody still reacts with: as many as a message may have, however many it had. */
  #summariesOf(message: readonly [string, string, number]): Readonly<Record<string, ReactionSummary>> {
    const rows = this.#summaries.all(...message) as unknown as [emoji: string, summary: string][];
    return Object.fromEntries(rows.map(([emoji, summary]) => [emoji, JSON.parse(summary)]));
  }
}

/** The one column of each row. */
const firsts = <Value>(rows: unknown): Value[] => (rows as [Value][]).map(([value]) => value);
