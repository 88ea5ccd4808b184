/** Numbers drawn from a seed: the same ones again for the same seed and name, in whatever order they are asked for. */

/** A whole number from 0 below `below` for a name (FNV-1a, mixed once more so that near names lie far apart). */
export function drawn(seed: number, name: string, below: number): number {
  let hash = 0x811c9dc5 ^ seed;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash ^= hash >>> 12;
  return (hash >>> 0) % below;
}

/** One number after the other. */
export class Draws {
  readonly #seed: number;
  #drawn = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  below(limit: number): number {
    this.#drawn += 1;
    return drawn(this.#seed, `#${this.#drawn}`, limit);
  }

  of<T>(choices: readonly T[]): T {
    const chosen = choices[this.below(choices.length)];
    if (chosen === undefined) throw new Error('nothing to choose from');
    return chosen;
  }
}
