/** Subscribers in processes of their own, so that what they cost is not the server's. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Checks, Heard, Order, Report, Seat } from './orders.ts';
import type { WireName } from './wires.ts';

const PATIENCE_MS = 120_000;
/** Loopback addresses for the subscribers' side: 127.0.0.2 and up, some for each process. */
const ADDRESSES_EACH = 8;

export interface Party {
  readonly wire: WireName;
  readonly port: number;
  readonly channels: readonly string[];
  readonly document: string;
  readonly seats: readonly Seat[];
  readonly checks: Checks;
}

export class Subscribers {
  readonly #children: readonly ChildProcess[];

  constructor(processes: number) {
    this.#children = Array.from({ length: processes }, () =>
      fork(new URL('subscriber-process.ts', import.meta.url), { serialization: 'advanced' }),
    );
  }

  /** Connected, and as far as the server is concerned idle. */
  async connect(party: Party): Promise<void> {
    await this.#all('connected', (index) => ({
      ...party,
      kind: 'connect',
      seats: party.seats.filter((_, i) => i % this.#children.length === index),
      firstAddress: 2 + index * ADDRESSES_EACH,
    }));
  }

  /** @param probe publishes a message to every channel; repeated until every subscriber has heard one. */
  async subscribe(probe: () => Promise<void>): Promise<void> {
    const PROBE_EACH_MS = 200;
    let isOver = false;
    const live = this.#all('live', () => ({ kind: 'subscribe' })).finally(() => {
      isOver = true;
    });
    const probing = (async () => {
      while (!isOver) {
        await probe();
        await new Promise((resolve) => setTimeout(resolve, PROBE_EACH_MS));
      }
    })();
    await Promise.all([live, probing]);
  }

  /** All that was heard, when every subscriber has all; throws what one of them lacks after `withinMs`. */
  async heard(counts: readonly number[], withinMs: number): Promise<readonly Heard[]> {
    const reports = await this.#all('heard', () => ({ kind: 'expect', counts, withinMs }));
    return reports.map(({ heard }) => heard);
  }

  async disconnect(): Promise<void> {
    await this.#all('disconnected', () => ({ kind: 'disconnect' }));
  }

  async close(): Promise<void> {
    await Promise.all(
      this.#children.map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const ended = once(child, 'exit');
        child.kill('SIGKILL');
        await ended;
      }),
    );
  }

  #all<Kind extends Report['kind']>(
    kind: Kind,
    order: (index: number) => Order,
  ): Promise<Extract<Report, { kind: Kind }>[]> {
    return Promise.all(this.#children.map((child, index) => ask(child, order(index), kind)));
  }
}

async function ask<Kind extends Report['kind']>(
  child: ChildProcess,
  order: Order,
  kind: Kind,
): Promise<Extract<Report, { kind: Kind }>> {
  const { promise, resolve, reject } = Promise.withResolvers<Extract<Report, { kind: Kind }>>();
  const hear = (report: Report): void => {
    if (report.kind === 'failed') reject(new Error(`a subscriber: ${report.why}`));
    else if (report.kind === kind) resolve(report as Extract<Report, { kind: Kind }>);
  };
  const ended = (code: number | null): void => reject(new Error(`the subscribers ended with ${code}`));
  const late = setTimeout(
    () => reject(new Error(`the subscribers did not get ${kind} within ${PATIENCE_MS / 1_000} s`)),
    PATIENCE_MS,
  );
  child.on('message', hear).once('exit', ended);
  try {
    child.send(order);
    return await promise;
  } finally {
    clearTimeout(late);
    child.off('message', hear).off('exit', ended);
  }
}
