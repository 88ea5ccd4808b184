/** The stores of a cell's logs with every call measured, and what becomes of appends counted. */
import type { ProjectionStore } from '../chat/changes/port.ts';
import type { ChangeEntry, MessageEntry } from '../chat/log/entries.ts';
import type { AppendOutcome, LogStore } from '../chat/log/port.ts';
import { StoreUnreachable } from '../chat/log/port.ts';
import { CallsOf } from './calls.ts';
import type { Count, Meters } from './meters.ts';
import type { Tracing } from './tracing.ts';

export interface MeasurableLogs {
  readonly messages: LogStore<MessageEntry>;
  readonly changes: LogStore<ChangeEntry>;
  readonly projections: ProjectionStore;
}

type LogName = 'messages' | 'changes';

/** Made once for all cells of a server. */
export class LogMeasure {
  readonly #calls: CallsOf;
  readonly #rounds: ReturnType<Meters['counter']>;
  readonly #saved: Readonly<Record<LogName, Count>>;

  constructor(ports: { readonly meters: Meters; readonly tracing: Tracing | null }) {
    const { meters } = ports;
    this.#calls = new CallsOf(ports, 'log', "a cell's message store", ['cell', 'log', 'call']);
    this.#rounds = meters.counter(
      'backscroll_append_rounds_total',
      'Conditional writes to a log: applied; in conflict with another replica; or unreachable, or of unknown outcome',
      ['cell', 'log', 'outcome'],
    );
    this.#saved = {
      messages: meters.counter('backscroll_sends_total', 'Messages that this replica saved').of(),
      changes: meters
        .counter('backscroll_changes_total', 'Changes (edits, reactions, members …) that this replica saved')
        .of(),
    };
  }

  /** The same stores, looked at. */
  of<Logs extends MeasurableLogs>(cell: string, logs: Logs): Logs {
    return {
      ...logs,
      messages: this.#log(cell, 'messages', logs.messages),
      changes: this.#log(cell, 'changes', logs.changes),
      projections: this.#projections(cell, logs.projections),
    };
  }

  #log<Entry>(cell: string, log: LogName, store: LogStore<Entry>): LogStore<Entry> {
    const calls = (call: string) => this.#calls.of(cell, log, call);
    const append = calls('append');
    const seal = calls('seal');
    const consult = calls('consult');
    const states = calls('states');
    const tailHints = calls('tailHints');
    const hintTail = calls('hintTail');
    const range = calls('range');
    const rows = calls('rows');
    const rounds = {
      applied: this.#rounds.of(cell, log, 'applied'),
      conflict: this.#rounds.of(cell, log, 'conflict'),
      unreachable: this.#rounds.of(cell, log, 'unreachable'),
      unknown: this.#rounds.of(cell, log, 'unknown'),
    };
    const saved = this.#saved[log];
    return {
      bucketSize: store.bucketSize,
      append: (batch) => {
        const running = append.run(() => store.append(batch));
        running.then(
          ({ applied }: AppendOutcome) => {
            if (applied) saved.add(batch.rows.length);
            (applied ? rounds.applied : rounds.conflict).add();
          },
          (error: unknown) => (error instanceof StoreUnreachable ? rounds.unreachable : rounds.unknown).add(),
        );
        return running;
      },
      seal: (...args) => seal.run(() => store.seal(...args)),
      consult: (...args) => consult.run(() => store.consult(...args)),
      states: (refs) => states.run(() => store.states(refs)),
      tailHints: (channels) => tailHints.run(() => store.tailHints(channels)),
      hintTail: (ref) => hintTail.run(() => store.hintTail(ref)),
      range: (...args) => range.run(() => store.range(...args)),
      rows: (refs) => rows.run(() => store.rows(refs)),
    };
  }

  #projections(cell: string, store: ProjectionStore): ProjectionStore {
    const calls = (call: string) => this.#calls.of(cell, 'projections', call);
    const project = calls('project');
    const eraseEdits = calls('eraseEdits');
    const noteProjected = calls('noteProjected');
    const reactionRevs = calls('reactionRevs');
    const reactors = calls('reactors');
    const pins = calls('pins');
    return {
      project: (...args) => project.run(() => store.project(...args)),
      eraseEdits: (...args) => eraseEdits.run(() => store.eraseEdits(...args)),
      noteProjected: (...args) => noteProjected.run(() => store.noteProjected(...args)),
      reactionRevs: (refs) => reactionRevs.run(() => store.reactionRevs(refs)),
      reactors: (...args) => reactors.run(() => store.reactors(...args)),
      pins: (...args) => pins.run(() => store.pins(...args)),
    };
  }
}
