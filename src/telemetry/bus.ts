/** What goes through Redis, measured. */
import type { Bus } from '../realtime/bus.ts';
import type { EphemeralStore } from '../realtime/ephemeral-store.ts';
import { CallsOf } from './calls.ts';
import type { Meters } from './meters.ts';
import type { Tracing } from './tracing.ts';

interface OverRedis {
  readonly bus: Bus;
  readonly ephemeral: EphemeralStore;
}

/** The same, looked at. */
export function measuredRedis(
  ports: { readonly meters: Meters; readonly tracing: Tracing | null },
  { bus, ephemeral }: OverRedis,
): OverRedis {
  const calls = new CallsOf(ports, 'redis', 'Redis', ['call']);
  const publish = calls.of('publish');
  const putPresence = calls.of('putPresence');
  const replacePresence = calls.of('replacePresence');
  const keepPresence = calls.of('keepPresence');
  const presence = calls.of('presence');
  const retain = calls.of('retain');
  const retained = calls.of('retained');
  return {
    bus: {
      isShared: bus.isShared,
      publish: (...args) => publish.run(() => bus.publish(...args)),
      subscribe: (...args) => bus.subscribe(...args),
      onInterrupted: (listener) => bus.onInterrupted(listener),
      onRestored: (listener) => bus.onRestored(listener),
      state: () => bus.state(),
      topics: () => bus.topics(),
      close: () => bus.close(),
    },
    ephemeral: {
      putPresence: (...args) => putPresence.run(() => ephemeral.putPresence(...args)),
      replacePresence: (...args) => replacePresence.run(() => ephemeral.replacePresence(...args)),
      keepPresence: (...args) => keepPresence.run(() => ephemeral.keepPresence(...args)),
      presence: (names) => presence.run(() => ephemeral.presence(names)),
      retain: (...args) => retain.run(() => ephemeral.retain(...args)),
      retained: (channels) => retained.run(() => ephemeral.retained(channels)),
      close: () => ephemeral.close(),
    },
  };
}
