/**
 * Which cell keeps an organization's logs, as the database says it. Whoever looks an organization up for a token
 * notes it here; what runs by itself, without a token, has it looked up. It never changes while a log is not sealed;
 * whoever meets a sealed one has it looked up anew.
 */
import { StoreUnreachable } from '../../chat/log/port.ts';

/** Organizations that are remembered; the one noted longest ago goes first. */
const REMEMBERED = 50_000;

/** Cells by the ids of organizations; those that there are not are missing. */
export type LookUpCells = (organizationIds: readonly string[]) => Promise<ReadonlyMap<string, string>>;

export class CellDirectory {
  readonly #lookUp: LookUpCells;
  readonly #most: number;
  readonly #cells = new Map<string, string>();
  /** Those being looked up; whoever else asks for them waits for that. */
  readonly #pending = new Map<string, Promise<ReadonlyMap<string, string>>>();

  constructor(lookUp: LookUpCells, most = REMEMBERED) {
    this.#lookUp = lookUp;
    this.#most = most;
  }

  get size(): number {
    return this.#cells.size;
  }

  /** The name of its cell; undefined while it is not known here. */
  of(organizationId: string): string | undefined {
    return this.#cells.get(organizationId);
  }

  note(organizationId: string, cell: string): void {
    if (this.#cells.size >= this.#most && !this.#cells.has(organizationId)) {
      const [oldest] = this.#cells.keys();
      if (oldest !== undefined) this.#cells.delete(oldest);
    }
    this.#cells.set(organizationId, cell);
  }

  /** It may have been moved. */
  forget(organizationId: string): void {
    this.#cells.delete(organizationId);
  }

  /** The cells of all of these. Throws StoreUnreachable when the database does not say it of one. */
  async find(organizationIds: Iterable<string>): Promise<ReadonlyMap<string, string>> {
    const wanted = new Set(organizationIds);
    const unknown = [...wanted].filter((id) => !this.#cells.has(id));
    // Kept apart from what is remembered, which may have no room for all of them.
    const found = new Map<string, string>();
    for (const id of wanted) {
      const cell = this.#cells.get(id);
      if (cell !== undefined) found.set(id, cell);
    }
    const fresh = unknown.filter((id) => !this.#pending.has(id));
    if (fresh.length > 0) this.#begin(fresh);
    const lookups = unknown.map((id) => this.#pending.get(id));
    for (const [i, cells] of (await Promise.all(lookups)).entries()) {
      const id = unknown[i] ?? '';
      const cell = cells?.get(id);
      if (cell === undefined) throw new StoreUnreachable(`the database knows no organization ${id}`);
      found.set(id, cell);
    }
    return found;
  }

  #begin(ids: readonly string[]): void {
    const looking = this.#lookUp(ids)
      .then(
        (cells) => {
          for (const [id, cell] of cells) this.note(id, cell);
          return cells;
        },
        (error: unknown) => {
          throw new StoreUnreachable('the database does not say which cell to ask', { cause: error });
        },
      )
      .finally(() => {
        for (const id of ids) this.#pending.delete(id);
      });
    for (const id of ids) this.#pending.set(id, looking);
  }
}
