/**
 * What the store and its worker say to each other. Rows cross as flat tuples of plain values: they are copied from
 * thread to thread, and objects cost several times as much.
 */
import type { ColumnValue } from '../entry-codec.ts';

export type LogName = 'messages' | 'changes';

/** Number, time, send key, then the codec's columns in their order. */
export type RowTuple = readonly [seq: number, at: number, sendKey: string, ...values: ColumnValue[]];
/** Organization, channel, number: of a row, or of a bucket. */
export type Ref = readonly [organizationId: string, channelId: string, number: number];
export type StateTuple = readonly [last: number, lastAt: number] | null;
export type AnswerTuple = readonly [state: StateTuple, sends: readonly (readonly [string, number])[]];

/** Each method's arguments and answer. */
export interface Methods {
  append: {
    args: { readonly ref: Ref; readonly expectedLast: number | null; readonly rows: readonly RowTuple[] };
    /** Null: applied. */
    answer: AnswerTuple | null;
  };
  hintTail: { args: { readonly ref: Ref }; answer: null };
  consult: { args: { readonly ref: Ref; readonly sendKeys: readonly string[] }; answer: AnswerTuple };
  states: { args: { readonly refs: readonly Ref[] }; answer: readonly StateTuple[] };
  tailHints: {
    args: { readonly channels: readonly (readonly [string, string])[] };
    answer: readonly (number | null)[];
  };
  range: {
    args: {
      readonly channel: readonly [string, string];
      readonly from: number;
      readonly to: number;
    };
    answer: readonly RowTuple[];
  };
  rows: { args: { readonly refs: readonly Ref[] }; answer: readonly (RowTuple | null)[] };
}

export type Method = keyof Methods;

export type Call<M extends Method = Method> = {
  [Each in M]: { readonly log: LogName; readonly method: Each; readonly args: Methods[Each]['args'] };
}[M];

/** `refused`: certainly nothing was done. `unknown`: it may be on disk all the same. */
export type Reply =
  | { readonly answer: Methods[Method]['answer'] }
  | { readonly failed: 'refused' | 'unknown'; readonly message: string };

export type FromWorker =
  | { readonly type: 'opened' }
  | { readonly type: 'refused'; readonly message: string }
  | { readonly type: 'replies'; readonly replies: readonly Reply[] };

/** One group of calls: the writes among them share one transaction, and so one sync of the disk. */
export type ToWorker =
  | { readonly type: 'group'; readonly calls: readonly Call[] }
  | { readonly type: 'close' };

export interface WorkerSettings {
  readonly file: string;
  readonly bucketSize: number;
}
