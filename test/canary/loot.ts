/** Ids and cursors as a thief has them: taken from answers, turned into others, and each with a twin that names nothing. */

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const ID = /^([A-Za-z]+):/;
const CURSOR = /^([ep])1\./;
const encode = (text: string): string => Buffer.from(text, 'latin1').toString('base64url');
const decode = (text: string): string => Buffer.from(text, 'base64url').toString('latin1');

const TYPES: Readonly<Record<string, string>> = {
  channelId: 'Channel',
  messageId: 'Message',
  threadRootId: 'Message',
  userId: 'User',
  userIds: 'User',
  memberIds: 'User',
};

/** Of an argument that takes ids of one type alone: most of what it is given is of that. */
export const typeOf = (argument: string): string | undefined => TYPES[argument];

/** What strings of an API are: ids by their type, cursors of events and of pages. */
export type Kind = string;

export class Loot {
  readonly #byKind = new Map<Kind, Set<string>>();

  /** Everything in an answer that is an id or a cursor of the server's. */
  take(answer: unknown): void {
    if (typeof answer === 'string') {
      const kind = kindOf(answer);
      if (kind !== null) this.#put(kind, answer);
    } else if (typeof answer === 'object' && answer !== null) {
      for (const value of Object.values(answer)) this.take(value);
    }
  }

  #put(kind: Kind, value: string): void {
    const of = this.#byKind.get(kind) ?? new Set<string>();
    this.#byKind.set(kind, of);
    of.add(value);
  }

  of(kind: Kind): readonly string[] {
    return [...(this.#byKind.get(kind) ?? [])];
  }

  get kinds(): readonly Kind[] {
    return [...this.#byKind.keys()];
  }

  all(): readonly string[] {
    return [...this.#byKind.values()].flatMap((of) => [...of]);
  }

  /** The UUIDs in all of it. */
  uuids(): ReadonlySet<string> {
    return new Set(this.all().flatMap((one) => decode(one).match(UUID) ?? []));
  }
}

export function kindOf(value: string): Kind | null {
  const text = decode(value);
  if (encode(text) !== value || (text.match(UUID) ?? []).length === 0) return null;
  const cursor = CURSOR.exec(text)?.[1];
  return cursor === undefined
    ? (ID.exec(text)?.[1] ?? null)
    : cursor === 'e'
      ? 'event cursor'
      : 'page cursor';
}

/** UUIDs of the same form that nobody was ever given; what was one and the same thing stays so. */
export class Absent {
  readonly #random: () => number;
  readonly #others = new Map<string, string>();
  constructor(random: () => number) {
    this.#random = random;
  }

  /** The like of an id, a cursor or a UUID, which names nothing. */
  twinOf(value: string): string {
    const other = (uuid: string): string => this.#other(uuid);
    if (kindOf(value) === null) return value.replace(UUID, other);
    return encode(decode(value).replace(UUID, other));
  }

  #other(uuid: string): string {
    const digit = (): string => Math.floor(this.#random() * 16).toString(16);
    const other = this.#others.get(uuid) ?? uuid.slice(0, -12) + Array.from({ length: 12 }, digit).join('');
    this.#others.set(uuid, other);
    return other;
  }
}

/** An id of another type with the same key, as one guesses it from what one has. */
export function guessed(value: string, type: string, random: () => number): string {
  const uuid = (decode(value).match(UUID) ?? [])[0] ?? '';
  const number = 1 + Math.floor(random() * 5);
  const heart = Buffer.from('❤️').toString('hex');
  const key =
    type === 'Message' ? `${uuid}:${number}` : type === 'Reaction' ? `${uuid}:${number}:${heart}` : uuid;
  return encode(`${type}:${key}`);
}
