/**
 * Followers of scripted events through the real schema, and what plain graphql-js makes of the same events for the
 * same person: the two must be the same, to the byte.
 */
import { type DocumentNode, execute, type GraphQLError } from 'graphql';
import { EventLoaders } from '../../loaders/event-loaders.ts';
import { createEventContexts } from '../../resolvers/event-contexts.ts';
import { type Chat, createChat } from '../../src/chat/chat.ts';
import type { LiveEvent } from '../../src/chat/live/port.ts';
import { silentLogger } from '../../src/chat/logger.ts';
import type { Viewer } from '../../src/chat/viewer.ts';
import type { EventContexts } from '../../src/operation/contexts.ts';
import { createOperations, errorJson } from '../../src/operation/operations.ts';
import type { Outlet, Rendered, ResumeReason } from '../../src/operation/outlet.ts';
import { createContext } from '../context.ts';
import { toGraphQLError } from '../errors.ts';
import { schema } from '../index.ts';
import type { World } from './world.ts';

export interface Subscriber {
  readonly viewer: Viewer;
  readonly connectionId: string;
  readonly operationName: string;
  readonly variables: { readonly [name: string]: unknown };
  readonly script: readonly LiveEvent[];
}

/** What one subscriber was sent, and how it ended. */
export interface Received {
  readonly frames: readonly string[];
  readonly end: 'DONE' | ResumeReason | readonly GraphQLError[];
}

export interface Frames {
  readonly chat: Chat;
  /** Executions for all of a class, and for each viewer. */
  readonly counted: { all: number; each: number };
  followed(document: DocumentNode, subscribers: readonly Subscriber[]): Promise<readonly Received[]>;
  /** What graphql-js gives this subscriber for each event, in a context of their own. */
  plain(document: DocumentNode, subscriber: Subscriber): Promise<readonly string[]>;
}

class Collector implements Outlet {
  readonly hasRoom = true;
  readonly #frames: string[] = [];
  readonly #received = Promise.withResolvers<Received>();

  get received(): Promise<Received> {
    return this.#received.promise;
  }
  onRoom(): void {
    // There always is.
  }
  write({ json }: Rendered): void {
    this.#frames.push(json);
  }
  purge(): void {
    // Nothing is ever held back.
  }
  end(errors: readonly GraphQLError[] | null): void {
    this.#received.resolve({ frames: this.#frames, end: errors ?? 'DONE' });
  }
  resume(why: ResumeReason): void {
    this.#received.resolve({ frames: this.#frames, end: why });
  }
}

/** @param change what a test breaks on purpose. */
export function openFrames(
  world: World,
  change: (contexts: EventContexts, chat: Chat) => EventContexts = (same) => same,
): Frames {
  const { ports, live } = world;
  // Affinity fades with time: everybody looks at the same moment.
  const moment = Date.now();
  const chat = createChat({ ...ports, clock: { now: () => moment } });
  const counted = { all: 0, each: 0 };
  const contexts = change(createEventContexts(chat, new EventLoaders(chat)), chat);
  const present = (error: unknown) => toGraphQLError(error);
  const operations = createOperations({
    schema,
    present,
    contextFor: (viewer, connectionId) => createContext({ viewer, connectionId, chat }),
    eventContexts: {
      forAll: (viewer, event) => {
        counted.all += 1;
        return contexts.forAll(viewer, event);
      },
      forEach: (viewer, event) => {
        const gathering = contexts.forEach(viewer, event);
        return {
          contextOf(caller) {
            counted.each += 1;
            return gathering.contextOf(caller);
          },
          answer: (question, caller) => gathering.answer(question, caller),
          ask: (questions, callers) => gathering.ask(questions, callers),
        };
      },
    },
    isSchemaOpen: true,
    logger: silentLogger,
  });

  async function begin(document: DocumentNode, subscriber: Subscriber): Promise<Collector> {
    const { viewer, connectionId, operationName, variables, script } = subscriber;
    live.script = script;
    const outlet = new Collector();
    const args = { schema, document, operationName, variableValues: variables };
    const following = await operations.follow(args, { viewer, connectionId }, outlet);
    if ('errors' in following) throw following.errors[0] ?? new Error('refused');
    return outlet;
  }

  return {
    chat,
    counted,
    async followed(document, subscribers) {
      const outlets: Collector[] = [];
      for (const subscriber of subscribers) outlets.push(await begin(document, subscriber));
      return Promise.all(outlets.map(({ received }) => received));
    },
    async plain(document, { viewer, connectionId, operationName, variables, script }) {
      const frames: string[] = [];
      for (const rootValue of script) {
        const contextValue = createContext({ viewer, connectionId, chat });
        const args = { schema, document, operationName, variableValues: variables, contextValue };
        const { data, errors } = await execute({ ...args, rootValue });
        frames.push(
          JSON.stringify({
            data,
            ...(errors === undefined ? {} : { errors: errors.map((error) => errorJson(present(error))) }),
          }),
        );
      }
      return frames;
    },
  };
}
