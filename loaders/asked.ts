/** Takes note of all that an execution asks its viewer's loaders: what others may answer alike, and what they may not. */
import type { Loader } from './batch.ts';
import { hasReacted, membershipOf, type Question } from './questions.ts';
import type { ViewerLoaders } from './viewer-loaders.ts';

/** More are not put to everybody: what asks so much is this viewer's own. */
const MOST_QUESTIONS = 256;

export class Asked {
  readonly #questions = new Map<string, Question>();
  #isOwn = false;

  /** Something was asked that is no question to others: what came of it is for this viewer alone. */
  get isOwn(): boolean {
    return this.#isOwn;
  }

  get questions(): readonly Question[] {
    return [...this.#questions.values()];
  }

  own(): void {
    this.#isOwn = true;
  }

  ask(question: Question): void {
    if (this.#questions.size < MOST_QUESTIONS) this.#questions.set(question.key, question);
    else this.#isOwn = true;
  }
}

/** The same loaders, which take note. Whatever is not named as a question is the viewer's own. */
export function notedBy(asked: Asked, loaders: ViewerLoaders): ViewerLoaders {
  const { viewerReacted, viewerMemberships } = loaders;
  return {
    clear: () => loaders.clear(),
    readable: asOwn(asked, loaders.readable),
    memberships: asOwn(asked, loaders.memberships),
    mentions: asOwn(asked, loaders.mentions),
    notifications: asOwn(asked, loaders.notifications),
    viewerMemberships: {
      ...asOwn(asked, viewerMemberships),
      peek(channelId) {
        asked.ask(membershipOf(channelId));
        return viewerMemberships.peek(channelId);
      },
      load(channelId) {
        asked.ask(membershipOf(channelId));
        return viewerMemberships.load(channelId);
      },
    },
    viewerReacted: {
      ...asOwn(asked, viewerReacted),
      peek(reaction) {
        asked.ask(hasReacted(reaction));
        return viewerReacted.peek(reaction);
      },
      load(reaction) {
        asked.ask(hasReacted(reaction));
        return viewerReacted.load(reaction);
      },
    },
  };
}

const asOwn = <K, V>(asked: Asked, loader: Loader<K, V>): Loader<K, V> => ({
  load(key) {
    asked.own();
    return loader.load(key);
  },
  prime(key, value) {
    asked.own();
    return loader.prime(key, value);
  },
  clearAll: () => loader.clearAll(),
});
