/**
 * Gives memory back while the server rests. Left alone, V8 keeps the garbage and the room of the last crowd for as long as
 * nothing else needs it: 2,000 idle subscriptions held 370 MB, of which 200 were in use. While this thread has next to
 * nothing to do, V8 is told that memory matters more than speed; it then collects by itself some seconds later, bit by
 * bit, and gives free pages back. Within a moment of the next load it is told otherwise: a server started with this flag
 * (which then means a smaller young generation too) took a quarter more of this thread for a page of history.
 */
import { setFlagsFromString } from 'node:v8';

/** The thread is at rest when it used its processor for less of the time than this. */
const RESTING_BELOW = 0.1;
const LOOK_EACH_MS = 2_500;
/** At rest it looks more often, for what ends the rest; what comes round now and then does not. */
const WOKEN_FROM = 0.2;
const LOOK_AT_REST_EACH_MS = 250;
/**
 * Flags may be changed while V8 runs at one's own risk. In this version (of Node 24) all code that reads this one was looked
 * up: the heap, each time that it decides about a collection, when weak references are called back, and how large the
 * cache of numbers as texts may grow; no compiler. In another it may be otherwise: there it is left alone.
 */
const KNOWN_V8 = '13.6.';

export interface RestPorts {
  /**
   * How much of the time since the last call this thread used its processor, from 0 to 1. (Not how long the event loop
   * had work: where others wait for the processor too, that is a tenth of the time with next to nothing to do.)
   */
  readonly utilization: () => number;
  readonly tellV8: (flag: string) => void;
}

/** Of the whole process, its workers included: to be called once. Returns what ends it. */
export function saveMemoryAtRest(
  ports: RestPorts = { utilization: sinceLastCall(), tellV8: tellKnownV8 },
): () => void {
  let isResting = false;
  const set = (isNow: boolean): void => {
    if (isNow === isResting) return;
    isResting = isNow;
    ports.tellV8(isResting ? '--optimize-for-size' : '--no-optimize-for-size');
  };
  let timer: NodeJS.Timeout | undefined;
  const lookLater = (): void => {
    timer = setTimeout(look, isResting ? LOOK_AT_REST_EACH_MS : LOOK_EACH_MS);
    timer.unref();
  };
  const look = (): void => {
    set(ports.utilization() < (isResting ? WOKEN_FROM : RESTING_BELOW));
    lookLater();
  };
  lookLater();
  return () => {
    clearTimeout(timer);
    set(false);
  };
}

function tellKnownV8(flag: string): void {
  if (process.versions.v8.startsWith(KNOWN_V8)) setFlagsFromString(flag);
}

function sinceLastCall(): () => number {
  let at = performance.now();
  let used = process.threadCpuUsage();
  return () => {
    const now = performance.now();
    const { user, system } = process.threadCpuUsage(used);
    const utilization = (user + system) / 1_000 / (now - at);
    at = now;
    used = process.threadCpuUsage();
    return utilization;
  };
}
