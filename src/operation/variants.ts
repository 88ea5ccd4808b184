/** Renderings of one event by what was asked of the viewer meanwhile: for everybody of whom all of it is true. */
import type { Question } from './contexts.ts';
import type { Rendered } from './outlet.ts';

/** An event with more is executed for each viewer who has none of these. */
const MOST = 64;
/** Everybody is asked all of them. */
const MOST_QUESTIONS = 256;

/** Answers by the keys of questions. */
export type Answers = ReadonlyMap<string, string>;

interface Variant {
  readonly answers: Answers;
  readonly rendered: Rendered;
}

export class Variants {
  readonly #variants: Variant[] = [];
  readonly #questions = new Map<string, Question>();

  get isFull(): boolean {
    return this.#variants.length >= MOST || this.#questions.size >= MOST_QUESTIONS;
  }

  /** All that was asked by any execution. */
  get questions(): readonly Question[] {
    return [...this.#questions.values()];
  }

  /**
   * An execution follows from the event, from what is loaded for all, and from what the viewer's questions are answered:
   * with the same answers it would have asked nothing else, and come to the same.
   */
  find(answers: Answers): Rendered | null {
    const fits = (variant: Variant) =>
      variant.answers.entries().every(([key, answer]) => answers.get(key) === answer);
    return this.#variants.find(fits)?.rendered ?? null;
  }

  learn(questions: readonly Question[]): void {
    for (const question of questions) this.#questions.set(question.key, question);
  }

  add(answers: Answers, rendered: Rendered): void {
    if (!this.isFull && this.find(answers) === null) this.#variants.push({ answers, rendered });
  }
}
