/** A numbered row as it lies in Cassandra: number, send key and time, then the entry's columns. */
import { types } from 'cassandra-driver';
import type { LogRow } from '../../chat/log/port.ts';
import type { Column, ColumnValue, EntryCodec } from '../entry-codec.ts';
import type { LaterColumns } from './projected-columns.ts';
import { numberOrNull, type Row, textOrNull } from './values.ts';

export class RowCodec<Entry> {
  readonly #codec: EntryCodec<Entry>;
  readonly #later: LaterColumns<Entry>;

  constructor(codec: EntryCodec<Entry>, later: LaterColumns<Entry>) {
    this.#codec = codec;
    this.#later = later;
  }

  /** In the order of the statement `addRow`, after the bucket. */
  encode(row: LogRow<Entry>): unknown[] {
    const values = this.#codec.encode(row.entry);
    return [BigInt(row.seq), row.sendKey, new Date(row.at), ...values.map(bound)];
  }

  /** Null for what is no entry: a projection that found no row makes one without the columns written at append. */
  decode(row: Row): LogRow<Entry> | null {
    const seq = numberOrNull(row.seq);
    const at = numberOrNull(row.created_at);
    const sendKey = textOrNull(row.sent_as);
    if (seq === null || at === null || sendKey === null) return null;
    const values = this.#codec.columns.map((column) => read(column, row));
    // The first column says who wrote it, or what it is; nothing later ever clears it.
    if (values[0] === null) return null;
    return { seq, at, sendKey, entry: this.#later.show(this.#codec.decode(values), row) };
  }
}

// A null would be written as a tombstone; what is unset is not written at all.
const bound = (value: ColumnValue): unknown => {
  if (value === null) return types.unset;
  return typeof value === 'number' ? BigInt(value) : value;
};

const read = (column: Column, row: Row): ColumnValue =>
  column.type === 'int' ? numberOrNull(row[column.name]) : textOrNull(row[column.name]);
