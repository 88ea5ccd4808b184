/** The run's clock and its notebook: every request of the crew is timed and kept, and when which replica was not there. */
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { RequestFailed, request } from '../e2e/requests.ts';
import type { Health, Removal, Request, Span, Trespass } from './history.ts';

/** A careful client gives up later than any fault here lasts. */
const MOST_TRIES = 600;
const AGAIN: ReadonlySet<string> = new Set(['UNAVAILABLE', 'NETWORK', 'RATE_LIMITED']);

export interface Asked<Data> extends Span {
  readonly url: string;
  readonly code: string;
  readonly data: Data | null;
}

/** May the same be asked again? */
export const isPassing = (code: string): boolean => code.split('+').every((one) => AGAIN.has(one));

export class Recorder {
  readonly requests: Request[] = [];
  readonly removals: Removal[] = [];
  readonly trespasses: Trespass[] = [];
  readonly health: Health[] = [];
  readonly absences: (Span & { readonly url: string })[] = [];
  readonly gaveUp: string[] = [];

  now(): number {
    return performance.now();
  }

  /** One request, whatever comes of it; not noted yet. */
  async ask<Data>(url: string, token: string, query: string, variables: object): Promise<Asked<Data>> {
    const from = this.now();
    const ended = (code: string, data: Data | null): Asked<Data> => ({
      url,
      from,
      to: this.now(),
      code,
      data,
    });
    try {
      return ended('OK', await request<Data>(url, token, query, variables));
    } catch (error) {
      if (error instanceof RequestFailed) return ended(error.codes.join('+') || 'NONE', null);
      throw error;
    }
  }

  /** Asks one replica after another, drawn from those that are up, until it is answered; each try is noted. */
  async untilAnswered<Data>(
    what: string,
    urls: readonly string[],
    token: string,
    query: string,
    variables: object,
  ): Promise<Data> {
    for (let tries = 1; ; tries++) {
      const { data, ...tried } = await this.ask<Data>(anyOf(urls), token, query, variables);
      this.requests.push({ what, ...tried });
      if (data !== null) return data;
      if (!isPassing(tried.code) || tries >= MOST_TRIES) throw new Error(`${what} ended with ${tried.code}`);
      await sleep(50 + Math.random() * 350);
    }
  }

  /** Does again what ends with a code that passes; for what asks by itself. */
  async untilDone<T>(what: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await what();
      } catch (error) {
        const isOver = !(error instanceof RequestFailed) || !isPassing(error.codes.join('+'));
        if (isOver || tries >= MOST_TRIES) throw error;
        await sleep(500);
      }
    }
  }

  /** While it lasts the replica owes nothing. */
  async whileAbsent(url: string, happen: () => Promise<void>): Promise<void> {
    const from = this.now();
    // Known to all from its beginning: a request that ends meanwhile is judged by it.
    const absence = { url, from, to: Number.POSITIVE_INFINITY };
    this.absences.push(absence);
    await happen();
    absence.to = this.now();
  }

  /** Somebody of the crew; what ends them early ends the promise of the run to have been played to the end. */
  async play(what: string, part: () => Promise<void>): Promise<void> {
    try {
      await part();
    } catch (error) {
      this.gaveUp.push(`${what}: ${error instanceof Error ? error.message : inspect(error)}`);
    }
  }
}

export function anyOf<T>(all: readonly T[]): T {
  const one = all[Math.floor(Math.random() * all.length)];
  if (one === undefined) throw new Error('there is none to choose from');
  return one;
}
