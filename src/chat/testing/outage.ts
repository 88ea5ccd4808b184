/** A port that is away when a test says so: every call then fails with UNAVAILABLE, as an adapter's would. */
import { unavailable } from '../errors.ts';

export interface Outage<Port> {
  readonly port: Port;
  isAway: boolean;
}

/** @param store what is away, in the operator's words. */
export function outageOf<Port extends object>(port: Port, store: string): Outage<Port> {
  const outage = {
    isAway: false,
    port: new Proxy(port, {
      get: (target, property) => {
        const member: unknown = Reflect.get(target, property, target);
        if (typeof member !== 'function') return member;
        return (...args: unknown[]) =>
          outage.isAway ? Promise.reject(unavailable(store)) : Reflect.apply(member, target, args);
      },
    }),
  };
  return outage;
}
