/**
 * People who were deactivated a short while ago. Whoever was looked up just before that, or is remembered from then,
 * is refused by it; soon no answer from before is left, and the database alone says it.
 */

interface Person {
  readonly organizationId: string;
  readonly userId: string;
}

/** Longer than any answer is remembered or on its way. */
const KEPT_MS = 10 * 60_000;
/** More than anyone deactivates in that time by hand; of more, the oldest go first. */
const MOST = 20_000;

export class ShutOutLately {
  /** When each was shut out, oldest first. */
  readonly #people = new Map<string, number>();

  add(person: Person): void {
    const now = performance.now();
    this.#people.delete(nameOf(person));
    this.#people.set(nameOf(person), now);
    for (const [name, at] of this.#people) {
      if (now - at < KEPT_MS && this.#people.size <= MOST) break;
      this.#people.delete(name);
    }
  }

  has(person: Person): boolean {
    // As a rule: asked of every request, it does not even make the name.
    if (this.#people.size === 0) return false;
    const at = this.#people.get(nameOf(person));
    return at !== undefined && performance.now() - at < KEPT_MS;
  }
}

const nameOf = ({ organizationId, userId }: Person): string => `${organizationId}/${userId}`;
