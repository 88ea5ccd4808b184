/** What the benchmark and its replica processes say to each other. */
import type { ChannelKey } from '../../src/chat/log/port.ts';

export interface BusAddress {
  readonly url: string;
  readonly prefix: string;
}

export type Order =
  | {
      readonly kind: 'open';
      readonly url: string;
      /** Null: the replicas do not hear each other. */
      readonly bus: BusAddress | null;
      readonly replicas: number;
    }
  | {
      readonly kind: 'run';
      readonly channels: readonly ChannelKey[];
      readonly inFlight: number;
      readonly seconds: number;
    }
  | { readonly kind: 'close' };

export type Report =
  | { readonly kind: 'open' }
  | {
      readonly kind: 'ran';
      readonly latencies: readonly number[];
      readonly seconds: number;
      readonly cpuMicros: number;
    }
  | { readonly kind: 'failed'; readonly why: string };
