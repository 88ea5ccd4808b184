/** Takes note of all that an execution asks its viewer's loaders: what others may answer alike, and what they may not. */
import type { KnownLoader, Loader } from './batch.ts';
import { hasReacted, membershipOf, type Question } from './questions.ts';
import type { ViewerLoaders } from './viewer-loaders.ts';

/** More are not put to everybody: what asks so much is this viewer's own. */
const MOST_QUESTIONS = 256;

export class Asked {
  /** Few, mostly one or two: a list costs less than a map, and there is one for each viewer. */
  readonly #questions: Question[] = [];
  #isOwn = false;

  /** Something was asked that is no question to others: what came of it is for this viewer alone. */
  get isOwn(): boolean {
    return this.#isOwn;
  }

  get questions(): readonly Question[] {
    return this.#questions;
  }

  own(): void {
    this.#isOwn = true;
  }

  ask(question: Question): void {
    if (this.#questions.some(({ key }) => key === question.key)) return;
    if (this.#questions.length < MOST_QUESTIONS) this.#questions.push(question);
    else this.#isOwn = true;
  }
}

/**
 * The same loaders, which take note. Whatever is not named as a question is the viewer's own. Each is made when it is
 * asked for: there are as many of these as viewers of an event, and most ask for one or two.
 */
export const notedBy = (asked: Asked, loaders: ViewerLoaders): ViewerLoaders => new Noted(asked, loaders);

class Noted implements ViewerLoaders {
  readonly #asked: Asked;
  readonly #loaders: ViewerLoaders;

  constructor(asked: Asked, loaders: ViewerLoaders) {
    this.#asked = asked;
    this.#loaders = loaders;
  }

  get readable() {
    return new Own(this.#asked, this.#loaders.readable);
  }

  get memberships() {
    return new Own(this.#asked, this.#loaders.memberships);
  }

  get mentions() {
    return new Own(this.#asked, this.#loaders.mentions);
  }

  get notifications() {
    return new Own(this.#asked, this.#loaders.notifications);
  }

  get viewerMemberships() {
    return new Questioned(this.#asked, this.#loaders.viewerMemberships, membershipOf);
  }

  get viewerReacted() {
    return new Questioned(this.#asked, this.#loaders.viewerReacted, hasReacted);
  }

  clear(): void {
    this.#loaders.clear();
  }
}

/** A loader that takes note of what is asked of it, and of what only this viewer's execution would know. */
abstract class Noting<K, V, L extends Loader<K, V>> implements Loader<K, V> {
  protected readonly asked: Asked;
  protected readonly loader: L;

  constructor(asked: Asked, loader: L) {
    this.asked = asked;
    this.loader = loader;
  }

  abstract load(key: K): Promise<V>;

  prime(key: K, value: V): unknown {
    this.asked.own();
    return this.loader.prime(key, value);
  }

  clearAll(): unknown {
    return this.loader.clearAll();
  }
}

/** Whatever it is asked is the viewer's own. */
class Own<K, V> extends Noting<K, V, Loader<K, V>> {
  load(key: K): Promise<V> {
    this.asked.own();
    return this.loader.load(key);
  }
}

/** What it is asked can be put to other viewers too. */
class Questioned<K, V> extends Noting<K, V, KnownLoader<K, V>> implements KnownLoader<K, V> {
  readonly #questionOf: (key: K) => Question;

  constructor(asked: Asked, loader: KnownLoader<K, V>, questionOf: (key: K) => Question) {
    super(asked, loader);
    this.#questionOf = questionOf;
  }

  peek(key: K): V | undefined {
    this.asked.ask(this.#questionOf(key));
    return this.loader.peek(key);
  }

  load(key: K): Promise<V> {
    this.asked.ask(this.#questionOf(key));
    return this.loader.load(key);
  }
}
