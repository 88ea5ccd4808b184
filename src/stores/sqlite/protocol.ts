/**
 * What the store and its worker say to each other. Rows cross as flat tuples of plain values: they are copied from
 * thread to thread, and objects cost several times as much.
 */
import type { ColumnValue } from '../entry-codec.ts';
import type { MessageChange } from '../projected-entry.ts';

export type LogName = 'messages' | 'changes';

/** Number, time, send key, then the codec's columns in their order; when read from the messages, `projection` last. */
export type RowTuple = readonly [seq: number, at: number, sendKey: string, ...values: ColumnValue[]];
/** Organization, channel, number: of a row, or of a bucket. */
export type Ref = readonly [organizationId: string, channelId: string, number: number];
export type ChannelTuple = readonly [organizationId: string, channelId: string];
export type StateTuple =
  | readonly [
      last: number,
      lastAt: number,
      projected: number | null,
      sealedAt: number | null,
      sealedTo: string | null,
    ]
  | null;
export type AnswerTuple = readonly [state: StateTuple, sends: readonly (readonly [string, number])[]];

/** A change as projecting needs it; content and reaction as JSON. */
export type ChangeTuple = readonly [
  rev: number,
  at: number,
  kind: MessageChange['entry']['kind'],
  seq: number,
  content: string | null,
  emoji: string | null,
  userId: string | null,
  reaction: string | null,
  threadId: string | null,
];
/** Organization, channel, number of a message, emoji. */
export type ReactionTuple = readonly [...Ref, emoji: string];

/** Each method of a log: arguments and answer. */
export interface LogMethods {
  append: {
    args: { readonly ref: Ref; readonly expectedLast: number | null; readonly rows: readonly RowTuple[] };
    /** Null: applied. */
    answer: AnswerTuple | null;
  };
  seal: {
    args: {
      readonly ref: Ref;
      readonly expectedLast: number | null;
      readonly head: number;
      readonly to: string;
    };
    /** Null: applied. */
    answer: AnswerTuple | null;
  };
  hintTail: { args: { readonly ref: Ref }; answer: null };
  consult: { args: { readonly ref: Ref; readonly sendKeys: readonly string[] }; answer: AnswerTuple };
  states: { args: { readonly refs: readonly Ref[] }; answer: readonly StateTuple[] };
  tailHints: {
    args: { readonly channels: readonly ChannelTuple[] };
    answer: readonly (number | null)[];
  };
  range: {
    args: {
      readonly channel: ChannelTuple;
      readonly from: number;
      readonly to: number;
    };
    answer: readonly RowTuple[];
  };
  rows: { args: { readonly refs: readonly Ref[] }; answer: readonly (RowTuple | null)[] };
}

/** The same of what is projected. */
export interface ProjectionMethods {
  project: {
    args: { readonly channel: ChannelTuple; readonly changes: readonly ChangeTuple[] };
    answer: null;
  };
  eraseEdits: { args: { readonly channel: ChannelTuple; readonly revs: readonly number[] }; answer: null };
  noteProjected: { args: { readonly ref: Ref; readonly rev: number }; answer: null };
  reactionRevs: {
    args: { readonly refs: readonly (readonly [...ReactionTuple, userId: string])[] };
    answer: readonly (number | null)[];
  };
  reactors: {
    args: { readonly refs: readonly ReactionTuple[]; readonly first: number };
    answer: readonly (readonly string[])[];
  };
  pins: {
    args: {
      readonly channel: ChannelTuple;
      readonly after: number;
      readonly before: number;
      readonly limit: number;
      readonly backward: boolean;
    };
    /** From the end asked for. */
    answer: readonly number[];
  };
}

export type Methods = LogMethods & ProjectionMethods;
export type Method = keyof Methods;

export type LogCall<M extends keyof LogMethods = keyof LogMethods> = {
  [Each in M]: { readonly log: LogName; readonly method: Each; readonly args: LogMethods[Each]['args'] };
}[M];

export type ProjectionCall<M extends keyof ProjectionMethods = keyof ProjectionMethods> = {
  [Each in M]: {
    readonly log: 'projections';
    readonly method: Each;
    readonly args: ProjectionMethods[Each]['args'];
  };
}[M];

export type Call<M extends Method = Method> = {
  [Each in M]: Each extends keyof LogMethods
    ? LogCall<Each>
    : Each extends keyof ProjectionMethods
      ? ProjectionCall<Each>
      : never;
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
