/**
 * Which channels a subscription may tell of: what Postgres said when it was asked last, less what was cut since. An
 * answer does not count for what was cut while it was on its way.
 */
import type { Granted, Scope } from './scope.ts';

export class Grants {
  readonly #scope: Scope;
  /** Channels cut since Postgres was last asked; null: none, as most of the time. */
  #cut: Set<string> | null = null;
  /** Threads that are listened to, by the channel whose membership grants them; null: none yet. */
  #threads: Map<string, string> | null = null;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  async read(): Promise<readonly Granted[]> {
    this.#cut = null;
    return this.uncut(await this.#scope.channels());
  }

  /** Looked at again after whatever was awaited. */
  uncut(channels: readonly Granted[]): readonly Granted[] {
    const cut = this.#cut;
    return cut === null ? channels : channels.filter(({ id, by }) => !cut.has(id) && !cut.has(by));
  }

  /** These are about to be listened to: a cut that comes from now on finds them. */
  note(channels: readonly Granted[]): void {
    for (const { id, by } of channels) {
      if (id === by) continue;
      this.#threads ??= new Map();
      this.#threads.set(id, by);
    }
  }

  /** The membership in this channel has ended. Returns the threads that it had granted. */
  cut(channelId: string): readonly string[] {
    this.#cut ??= new Set();
    this.#cut.add(channelId);
    return [...(this.#threads ?? [])].flatMap(([id, by]) => (by === channelId ? [id] : []));
  }
}
