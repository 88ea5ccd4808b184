/** How many sockets each person holds here, so that nobody takes them all. */
import type { Viewer } from '../chat/viewer.ts';

export class ConnectionCount {
  readonly #limit: number;
  readonly #counts = new Map<string, number>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** False when the person holds as many as anybody may. Each true is given back by one `leave`. */
  enter(viewer: Viewer): boolean {
    const key = keyOf(viewer);
    const held = this.#counts.get(key) ?? 0;
    if (held >= this.#limit) return false;
    this.#counts.set(key, held + 1);
    return true;
  }

  leave(viewer: Viewer): void {
    const key = keyOf(viewer);
    const held = this.#counts.get(key) ?? 0;
    if (held > 1) this.#counts.set(key, held - 1);
    else this.#counts.delete(key);
  }
}

const keyOf = ({ tenant, userId }: Viewer): string => `${tenant.organizationId}/${userId}`;
