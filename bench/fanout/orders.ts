/** What the benchmark and the processes that hold its subscribers say to each other. */
import type { WireName } from './wires.ts';

/** Probes show that a subscriber hears; measured messages count. */
export const PROBE = 'P';
export const MEASURED = 'M';
export type Kind = typeof PROBE | typeof MEASURED;

/**
 * What is checked of deliveries, besides that each subscriber has as many as there were messages. `counted`: no more,
 * for events that show what they are of as it is by now. `ordered`: each message once, in the same order for all.
 * `numbered`: also by the server's own `seq`, each one more than the last.
 */
export type Checks = 'counted' | 'ordered' | 'numbered';

export interface Seat {
  /** Index into the channels. */
  readonly channel: number;
  readonly token: string;
}

export type Order =
  | {
      readonly kind: 'connect';
      readonly wire: WireName;
      readonly port: number;
      readonly channels: readonly string[];
      readonly document: string;
      readonly seats: readonly Seat[];
      readonly checks: Checks;
      /** Spreads connections over loopback addresses, so that ports do not run out. */
      readonly firstAddress: number;
    }
  /** All that are connected subscribe. */
  | { readonly kind: 'subscribe' }
  /** How many measured messages each channel had in all: say so when every subscriber has them. */
  | { readonly kind: 'expect'; readonly counts: readonly number[]; readonly withinMs: number }
  | { readonly kind: 'disconnect' };

/** What one process heard. */
export interface Heard {
  readonly deliveries: number;
  readonly bytes: number;
  /** The order in which a channel's subscribers had its messages; the same for all of them, or the run has failed. */
  readonly orders: readonly number[];
  /** How many deliveries took how long, in steps of `DELAY_STEP_MICROS`. */
  readonly delays: Uint32Array;
}

export const DELAY_STEP_MICROS = 100;

export type Report =
  | { readonly kind: 'connected' }
  /** Every subscriber has heard a probe. */
  | { readonly kind: 'live' }
  | { readonly kind: 'heard'; readonly heard: Heard }
  | { readonly kind: 'disconnected' }
  | { readonly kind: 'failed'; readonly why: string };
