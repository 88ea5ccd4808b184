/** Counts what is asked of a port: the promise that a list costs a fixed number of store calls is tested with it. */

export class CallCounter {
  readonly #counts = new Map<string, number>();

  /** The same object; each call of a method of it is counted as `name.method`. */
  watch<Port extends object>(name: string, port: Port): Port {
    return new Proxy(port, {
      get: (target, property) => {
        const member: unknown = Reflect.get(target, property, target);
        if (typeof member !== 'function') return member;
        return (...args: unknown[]) => {
          const call = `${name}.${String(property)}`;
          this.#counts.set(call, (this.#counts.get(call) ?? 0) + 1);
          return Reflect.apply(member, target, args);
        };
      },
    });
  }

  /** What was called since the last time this was asked, by name. */
  take(): Readonly<Record<string, number>> {
    const counts = Object.fromEntries([...this.#counts].sort(([a], [b]) => a.localeCompare(b)));
    this.#counts.clear();
    return counts;
  }
}
