/**
 * The context of an execution for one of many viewers of an event. It takes note of what it is asked about the viewer,
 * so that what comes of it can be given to others too: to all of whom the same questions have the same answers.
 */
import { Asked, notedBy } from '../loaders/asked.ts';
import { type TenantLoaders, together } from '../loaders/loaders.ts';
import type { Question } from '../loaders/questions.ts';
import { type Crowd, makeCrowd, makeViewerLoaders } from '../loaders/viewer-loaders.ts';
import { whoIs } from '../loaders/who.ts';
import type { Chat } from '../src/chat/chat.ts';
import type { Viewer } from '../src/chat/viewer.ts';
import type { Context } from './context.ts';

interface Caller {
  readonly viewer: Viewer | null;
  readonly connectionId: string | null;
}

/** Viewers of one organization, and what is loaded for all of them at once. */
export class ViewersOfEvent {
  readonly #chat: Chat;
  readonly #shared: TenantLoaders;
  readonly #crowd: Crowd;

  constructor(chat: Chat, shared: TenantLoaders) {
    this.#chat = chat;
    this.#shared = shared;
    this.#crowd = makeCrowd(chat);
  }

  contextOf({ viewer, connectionId }: Caller): { readonly value: Context; readonly asked: Asked } {
    const asked = new Asked();
    const own = makeViewerLoaders(this.#chat, whoIs(viewer), this.#shared, this.#crowd);
    return {
      asked,
      value: {
        get viewer() {
          asked.own();
          return viewer;
        },
        get connectionId() {
          asked.own();
          return connectionId;
        },
        isSignedIn: viewer !== null,
        chat: this.#chat,
        loaders: together(this.#shared, notedBy(asked, own)),
      },
    };
  }

  answer(question: Question, { viewer }: Caller): string | null | undefined {
    const answer = viewer === null ? undefined : question.answer(this.#crowd, viewer);
    return answer === 'OWN' ? null : answer;
  }

  ask(questions: readonly Question[], callers: readonly Caller[]): Promise<unknown> | null {
    const loading: Promise<unknown>[] = [];
    for (const { viewer } of callers) {
      if (viewer === null) continue;
      for (const question of questions) {
        if (question.answer(this.#crowd, viewer) === undefined) {
          loading.push(question.load(this.#crowd, viewer));
        }
      }
    }
    // What failed has no answer: it fails again where it is needed.
    return loading.length === 0 ? null : Promise.allSettled(loading);
  }
}
