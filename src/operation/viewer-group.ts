/**
 * Some of the viewers of one event, side by side: one of those who have answered alike so far is executed for, and what
 * comes of it goes to all who answer whatever that execution asked in the same way. Who is unlike everybody, because an
 * execution asked for what is nobody else's, is executed for alone.
 */
import type { ExecutionResult } from 'graphql';
import type { Asked, Gathering } from './contexts.ts';
import type { Rendered } from './outlet.ts';
import type { Outcome, Waiter } from './rendering.ts';
import type { Answers, Variants } from './variants.ts';

export interface GroupPorts {
  readonly gathering: Gathering;
  readonly variants: Variants;
  execute(contextValue: object): ExecutionResult | Promise<ExecutionResult>;
  judge(result: ExecutionResult): Outcome | 'TRY_AGAIN';
}

/** Those who have answered alike. */
interface Alike {
  readonly answers: Answers;
  readonly waiters: Waiter[];
}

interface Led {
  readonly asked: Asked;
  readonly others: readonly Waiter[];
  /** True when it is known now what it asked, and others may answer that alike. */
  readonly isTelling: Promise<boolean> | boolean;
}

export class ViewerGroup {
  readonly #ports: GroupPorts;
  /** Whose execution failed. */
  readonly failed: Waiter[] = [];

  constructor(ports: GroupPorts) {
    this.#ports = ports;
  }

  async serve(waiters: readonly Waiter[]): Promise<void> {
    const { gathering, variants } = this.#ports;
    let rest = waiters.filter(({ isWaiting }) => isWaiting);
    while (rest.length > 0) {
      const loading = gathering.ask(variants.questions, callersOf(rest));
      if (loading !== null) await loading;
      const { alone, alike } = this.#sort(rest);
      rest = await this.#run(alone, alike);
    }
  }

  /** Tells those for whom there is a rendering; the others by their answers. */
  #sort(waiters: readonly Waiter[]): { readonly alone: Waiter[]; readonly alike: readonly Alike[] } {
    const { variants } = this.#ports;
    const alone: Waiter[] = [];
    const byAnswers = new Map<string, Alike>();
    const { questions } = variants;
    for (const waiter of waiters) {
      const answers = this.#answersOf(waiter, questions);
      if (answers === null) {
        alone.push(waiter);
        continue;
      }
      const key = answers.join();
      const known = byAnswers.get(key);
      if (known !== undefined) known.waiters.push(waiter);
      else {
        byAnswers.set(key, { answers: named(questions, answers), waiters: [waiter] });
      }
    }
    const alike: Alike[] = [];
    for (const some of byAnswers.values()) {
      const rendered = variants.find(some.answers);
      if (rendered !== null) for (const waiter of some.waiters) waiter.settle(rendered);
      else if (variants.isFull) alone.push(...some.waiters);
      else alike.push(some);
    }
    return { alone, alike };
  }

  /** Null for who has one of their own, or one that could not be loaded. */
  #answersOf({ caller }: Waiter, questions: Asked['questions']): string[] | null {
    const answers: string[] = [];
    for (const question of questions) {
      const answer = this.#ports.gathering.answer(question, caller);
      if (answer == null) return null;
      answers.push(answer);
    }
    return answers;
  }

  /** Gives those who are to be looked at again, now that there are more renderings. */
  async #run(alone: readonly Waiter[], alike: readonly Alike[]): Promise<Waiter[]> {
    const running: (Promise<unknown> | boolean)[] = alone.map((waiter) => this.#lead(waiter).isTelling);
    const led = alike.map(({ waiters: [leader, ...others] }): Led | null =>
      leader === undefined ? null : { ...this.#lead(leader), others },
    );
    const again: Waiter[] = [];
    for (const one of led) {
      if (one === null || one.others.length === 0) {
        if (one !== null) running.push(one.isTelling);
      } else if (one.asked.isOwn) {
        // Within the same tick, so that the stores are asked once for all of them.
        for (const waiter of one.others) running.push(this.#lead(waiter).isTelling);
        running.push(one.isTelling);
      } else {
        running.push(this.#follow(one, again));
      }
    }
    const late = running.filter((one) => typeof one !== 'boolean');
    if (late.length > 0) await Promise.all(late);
    return again.filter(({ isWaiting }) => isWaiting);
  }

  /** The others are asked what the first was, in the same tick and so with the same call of the stores. */
  #follow({ asked, others, isTelling }: Led, again: Waiter[]): Promise<unknown> | boolean {
    const settle = (known: boolean): unknown => {
      if (!known) return this.#eachAlone(others);
      again.push(...others);
      return undefined;
    };
    const loading = this.#ports.gathering.ask(asked.questions, callersOf(others));
    if (typeof isTelling === 'boolean' && loading === null) {
      const settling = settle(isTelling);
      return settling instanceof Promise ? settling : true;
    }
    return Promise.all([isTelling, loading]).then(([known]) => settle(known));
  }

  #eachAlone(waiters: readonly Waiter[]): Promise<unknown> {
    return Promise.all(waiters.filter(({ isWaiting }) => isWaiting).map((one) => this.#lead(one).isTelling));
  }

  #lead(waiter: Waiter): Omit<Led, 'others'> {
    const { gathering, execute } = this.#ports;
    const { value, asked } = gathering.contextOf(waiter.caller);
    const result = execute(value);
    // Mostly everything is loaded by now, and it costs no promise.
    const isTelling =
      result instanceof Promise
        ? result.then((known) => this.#judge(waiter, known, asked))
        : this.#judge(waiter, result, asked);
    return { asked, isTelling };
  }

  #judge(waiter: Waiter, result: ExecutionResult, asked: Asked): boolean {
    const outcome = this.#ports.judge(result);
    if (outcome === 'TRY_AGAIN') {
      this.failed.push(waiter);
      return false;
    }
    // Before anybody is told: who is told may come with the next event.
    const isTelling = result.errors === undefined && isRendered(outcome) && !asked.isOwn;
    if (isTelling) this.#share(waiter, asked.questions, outcome);
    waiter.settle(outcome);
    return isTelling;
  }

  #share(waiter: Waiter, questions: Asked['questions'], rendered: Rendered): void {
    const { variants } = this.#ports;
    variants.learn(questions);
    const answers = this.#answersOf(waiter, questions);
    if (answers !== null) variants.add(named(questions, answers), rendered);
  }
}

const named = (questions: Asked['questions'], answers: readonly string[]): Answers =>
  new Map(questions.map(({ key }, i) => [key, answers[i] ?? '']));

const callersOf = (waiters: readonly Waiter[]) => waiters.map(({ caller }) => caller);

const isRendered = (outcome: Outcome): outcome is Rendered =>
  typeof outcome === 'object' && 'json' in outcome;
