/**
 * The way of each request to the cell of its organization. The organization comes with the key of every channel, which
 * the domain makes from the token alone; nothing that a client sends names a cell.
 */
import { type ChannelKey, StoreAway, StoreUnreachable } from '../../chat/log/port.ts';
import type { Cell, CellLogs } from './cell.ts';
import type { CellDirectory } from './directory.ts';

export class Routes {
  readonly #directory: CellDirectory;
  readonly #cells: ReadonlyMap<string, Cell>;

  constructor(directory: CellDirectory, cells: readonly Cell[]) {
    this.#directory = directory;
    this.#cells = new Map(cells.map((cell) => [cell.name, cell]));
  }

  /** Asks the organization's cell. Where that is known, as a rule, at once. */
  to<Result>(organizationId: string, work: (logs: CellLogs) => Promise<Result>): Promise<Result> {
    const name = this.#directory.of(organizationId);
    if (name === undefined) return this.#find(organizationId, work);
    const cell = this.#cells.get(name);
    return cell === undefined ? Promise.reject(notConfigured(name)) : cell.ask(work);
  }

  /**
   * Asks each cell for its part of a list, and puts the answers into the list's order. Throws when one of them does
   * not answer: whoever asks for several organizations at once and wants the others' asks for each by itself.
   */
  async spread<Ref, Answer>(
    refs: readonly Ref[],
    channelOf: (ref: Ref) => ChannelKey,
    work: (logs: CellLogs, refs: readonly Ref[]) => Promise<readonly Answer[]>,
  ): Promise<readonly Answer[]> {
    const [first] = refs;
    if (first === undefined) return [];
    const { organizationId } = channelOf(first);
    if (refs.every((ref) => channelOf(ref).organizationId === organizationId)) {
      return this.to(organizationId, (logs) => work(logs, refs));
    }
    const names = await this.#directory.find(refs.map((ref) => channelOf(ref).organizationId));
    const parts = Map.groupBy(refs.keys(), (i) => {
      const ref = refs[i];
      return (ref && names.get(channelOf(ref).organizationId)) ?? '';
    });
    // Null is an answer.
    const answers = new Map<number, { readonly answer: Answer }>();
    await Promise.all(
      [...parts].map(async ([name, places]) => {
        const cell = this.#cells.get(name);
        if (cell === undefined) throw notConfigured(name);
        const some = places.flatMap((i) => refs.slice(i, i + 1));
        const found = await cell.ask((logs) => work(logs, some));
        found.forEach((answer, n) => {
          const place = places[n];
          if (place !== undefined) answers.set(place, { answer });
        });
      }),
    );
    return refs.map((_, i) => {
      const found = answers.get(i);
      if (found === undefined) throw new StoreUnreachable('a cell gave fewer answers than it was asked for');
      return found.answer;
    });
  }

  /** A log of the organization is sealed: it may have been moved. */
  sealed(organizationId: string): void {
    this.#directory.forget(organizationId);
  }

  async #find<Result>(organizationId: string, work: (logs: CellLogs) => Promise<Result>): Promise<Result> {
    const name = (await this.#directory.find([organizationId])).get(organizationId) ?? '';
    const cell = this.#cells.get(name);
    if (cell === undefined) throw notConfigured(name);
    return cell.ask(work);
  }
}

const notConfigured = (name: string): StoreAway =>
  new StoreAway(`This server has no cell ${JSON.stringify(name)}: set CELL_${name.toUpperCase()}`);
