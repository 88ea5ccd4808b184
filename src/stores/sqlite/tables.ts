/** The statements of one log, prepared once. Nothing here begins or ends a transaction: the worker does. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { changeCodec, messageCodec } from '../entry-codec.ts';
import { one, preparing } from './prepare.ts';
import type { AnswerTuple, LogCall, LogMethods, LogName, RowTuple, StateTuple } from './protocol.ts';
import { storedSendKey } from './stored-send-key.ts';

const codecs = { messages: messageCodec, changes: changeCodec } as const;

/** Answers calls on one log's tables. */
export class LogTables {
  readonly #bucketSize: number;
  readonly #state: StatementSync;
  readonly #send: StatementSync;
  readonly #setState: StatementSync;
  readonly #seal: StatementSync;
  readonly #addSend: StatementSync;
  readonly #addRow: StatementSync;
  readonly #row: StatementSync;
  readonly #range: StatementSync;
  readonly #tail: StatementSync;
  readonly #setTail: StatementSync;

  constructor(db: DatabaseSync, log: LogName, bucketSize: number) {
    this.#bucketSize = bucketSize;
    const prepare = preparing(db);
    const columns = ['seq', 'at', 'send_key', ...codecs[log].columns.map((column) => column.name)];
    const read = log === 'messages' ? [...columns, 'projection'] : columns;
    const channel = 'organization_id = ? AND channel_id = ?';

    this.#state = prepare(
      `SELECT last, last_at, projected, sealed_at, sealed_to FROM ${log}_buckets WHERE ${channel} AND bucket = ?`,
    );
    this.#setState = prepare(
      `INSERT INTO ${log}_buckets (organization_id, channel_id, bucket, last, last_at) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET last = excluded.last, last_at = excluded.last_at`,
    );
    this.#seal = prepare(
      `INSERT INTO ${log}_buckets (organization_id, channel_id, bucket, last, last_at, sealed_at, sealed_to)
       VALUES (?, ?, ?, -1, 0, ?, ?)
       ON CONFLICT DO UPDATE SET last = -1, sealed_at = excluded.sealed_at, sealed_to = excluded.sealed_to`,
    );
    this.#send = prepare(`SELECT seq FROM ${log}_sends WHERE ${channel} AND bucket = ? AND send_key = ?`);
    this.#addSend = prepare(
      `INSERT INTO ${log}_sends (organization_id, channel_id, bucket, send_key, seq) VALUES (?, ?, ?, ?, ?)`,
    );
    this.#addRow = prepare(
      `INSERT INTO ${log} (organization_id, channel_id, ${columns.join(', ')})
       VALUES (?, ?, ${columns.map(() => '?').join(', ')})`,
    );
    this.#row = prepare(`SELECT ${read.join(', ')} FROM ${log} WHERE ${channel} AND seq = ?`);
    this.#range = prepare(
      `SELECT ${read.join(', ')} FROM ${log} WHERE ${channel} AND seq BETWEEN ? AND ? ORDER BY seq`,
    );
    this.#tail = prepare(`SELECT bucket FROM ${log}_tails WHERE ${channel}`);
    this.#setTail = prepare(
      `INSERT INTO ${log}_tails (organization_id, channel_id, bucket) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET bucket = max(bucket, excluded.bucket)`,
    );
  }

  answer({ method, args }: LogCall): LogMethods[keyof LogMethods]['answer'] {
    switch (method) {
      case 'append':
        return this.#append(args);
      case 'seal':
        return this.#sealLog(args);
      case 'hintTail':
        this.#setTail.run(...args.ref);
        return null;
      case 'consult':
        return this.#consult(args);
      case 'states':
        return args.refs.map((ref) => this.#stateOf(ref));
      case 'tailHints':
        return args.channels.map((channel) => one<[number]>(this.#tail, channel)?.[0] ?? null);
      case 'range':
        // The statement's columns are those of RowTuple; strict tables keep their types.
        return this.#range.all(...args.channel, args.from, args.to) as unknown as RowTuple[];
      case 'rows':
        return args.refs.map((ref) => one<RowTuple>(this.#row, ref));
    }
  }

  #append({ ref, expectedLast, rows }: LogMethods['append']['args']): AnswerTuple | null {
    const [organizationId, channelId, bucket] = ref;
    const answer = this.#consult({ ref, sendKeys: rows.map(([, , sendKey]) => sendKey) });
    const [state, sends] = answer;
    if ((state?.[0] ?? null) !== expectedLast || sends.length > 0) return answer;

    for (const row of rows) {
      this.#addRow.run(organizationId, channelId, ...row);
      this.#addSend.run(organizationId, channelId, bucket, storedSendKey(row[2]), row[0]);
    }
    const newest = rows.at(-1);
    // The appender never makes either; a log with a hole in it would be worse than a failed send.
    if (newest === undefined) throw new Error('a batch holds at least one row');
    if (Math.floor((newest[0] - 1) / this.#bucketSize) !== bucket) throw new Error('a row of another bucket');
    this.#setState.run(organizationId, channelId, bucket, newest[0], newest[1]);
    return null;
  }

  #sealLog({ ref, expectedLast, head, to }: LogMethods['seal']['args']): AnswerTuple | null {
    const state = this.#stateOf(ref);
    if ((state?.[0] ?? null) !== expectedLast) return [state, []];
    this.#seal.run(...ref, head, to);
    return null;
  }

  #consult({ ref, sendKeys }: LogMethods['consult']['args']): AnswerTuple {
    const sends: [string, number][] = [];
    for (const sendKey of sendKeys) {
      const found = one<[number]>(this.#send, [...ref, storedSendKey(sendKey)]);
      if (found !== null) sends.push([sendKey, found[0]]);
    }
    return [this.#stateOf(ref), sends];
  }

  #stateOf(ref: LogMethods['append']['args']['ref']): StateTuple {
    return one<NonNullable<StateTuple>>(this.#state, ref);
  }
}
