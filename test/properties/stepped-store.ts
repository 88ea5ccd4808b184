/**
 * A store as one process reaches it in the world: each call goes out and comes back at a moment of the world's own
 * choosing, or fails in one of the ways in which calls fail: refused before anything was done; lost on the way; done
 * with the answer lost; done some time after it was given up. Tail hints lag and lead.
 */
import { OutcomeUnknown, StoreUnreachable } from '../../src/chat/log/port.ts';
import { inRealTime } from './virtual-time.ts';
import type { Process, World } from './world.ts';

/** Shares of calls, 0 to 1. */
export interface Troubles {
  /** Refused before anything was done. */
  readonly refused: number;
  /** Lost on the way; done, the answer lost; done later. What writes only: reads do not care. */
  readonly lost: number;
  readonly unheard: number;
  readonly late: number;
  /** No answer at all until the adapter's own patience ends. */
  readonly hung: number;
  /** Of hints read: another bucket, or none. */
  readonly wrongHint: number;
}

export const noTroubles: Troubles = { refused: 0, lost: 0, unheard: 0, late: 0, hung: 0, wrongHint: 0 };

/** Every call settles within this: what the port demands of an adapter. */
const PATIENCE_MS = 5_000;

/** What changes something in the store. */
const WRITES = new Set(['append', 'seal', 'hintTail', 'project', 'eraseEdits', 'noteProjected']);

type Method = (...args: never[]) => Promise<unknown>;

/** Any of the ports whose methods all give promises. */
export function steppedStore<Store extends object>(
  store: Store,
  world: World,
  of: Process,
  troubles: () => Troubles,
): Store {
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function' || typeof name !== 'string') return value;
      const method = (value as Method).bind(target);
      return (...args: never[]) => step(world, of, name, () => method(...args), troubles());
    },
  });
}

function step(
  world: World,
  of: Process,
  name: string,
  call: () => Promise<unknown>,
  troubles: Troubles,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    // An append's fate is not known; whatever else was not answered may be done again and so has failed.
    const unsure = (why: string): Error =>
      name === 'append' || name === 'seal' ? new OutcomeUnknown(why) : new StoreUnreachable(why);
    const giveUp = world.tickingOf(of).after(PATIENCE_MS, () => reject(unsure('no answer in time')));
    const answer = (settle: () => void): void => {
      world.later(of, () => {
        giveUp();
        settle();
      });
    };
    /** What the store does, whoever still waits for it. */
    const perform = (heard: boolean): void => {
      const done = inRealTime(call);
      world.await(done);
      done.then(
        (result) => {
          if (heard) answer(() => resolve(meddle(world, name, result, troubles)));
        },
        (error: unknown) => {
          if (heard) answer(() => reject(error));
        },
      );
    };
    world.later(of, () => {
      switch (fateOf(world, WRITES.has(name), troubles)) {
        case 'refused':
          return answer(() => reject(new StoreUnreachable('refused')));
        case 'hung':
          return;
        case 'lost':
          return answer(() => reject(unsure('lost on the way')));
        case 'unheard':
          perform(false);
          return answer(() => reject(unsure('the answer was lost')));
        case 'late':
          // It arrives also when its sender is dead by then.
          world.later(null, () => perform(false), 1);
          return answer(() => reject(unsure('still on its way')));
        case 'done':
          return perform(true);
      }
    });
  });
}

type Fate = 'refused' | 'hung' | 'lost' | 'unheard' | 'late' | 'done';

function fateOf(world: World, isWrite: boolean, troubles: Troubles): Fate {
  const fates = isWrite
    ? (['refused', 'hung', 'lost', 'unheard', 'late'] as const)
    : (['refused', 'hung'] as const);
  let draw = world.random();
  for (const fate of fates) {
    draw -= troubles[fate];
    if (draw < 0) return fate;
  }
  return 'done';
}

function meddle(world: World, name: string, result: unknown, { wrongHint }: Troubles): unknown {
  if (name !== 'tailHints') return result;
  return (result as readonly (number | null)[]).map((hint) => {
    if (!world.chance(wrongHint)) return hint;
    if (world.chance(0.3)) return null;
    return Math.max(0, (hint ?? 0) + Math.round((world.random() - 0.5) * 12));
  });
}
