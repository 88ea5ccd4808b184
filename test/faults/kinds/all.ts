/** How each kind of fault is done. */
import type { Kind, Step } from '../plan.ts';
import type { Recorder } from '../recorder.ts';
import type { World } from '../world.ts';
import { fillDisk } from './disk.ts';
import { cutOff, slowDown } from './lines.ts';
import { freezeReplica, killReplica, restartReplica, setClock } from './replicas.ts';
import { flushRedis, freezeNode, killNode, restartNode, restartPostgres } from './services.ts';

/** Resolves when it is over and everything is up again. */
type Fault = (world: World, step: Step, recorder: Recorder) => Promise<void>;

export const faults: Readonly<Record<Kind, Fault>> = {
  'replica killed': killReplica,
  'replica frozen': freezeReplica,
  'replica restarted': restartReplica,
  'node killed': (_, step) => killNode(step),
  'node frozen': (_, step) => freezeNode(step),
  'node restarted': (_, step) => restartNode(step),
  'disk full': fillDisk,
  'Redis flushed': flushRedis,
  'Postgres restarted': (_, step) => restartPostgres(step),
  'store slow': slowDown,
  'store cut off': cutOff,
  'clock set': setClock,
};
