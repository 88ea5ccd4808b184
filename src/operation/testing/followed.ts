/** A schema of one subscription whose events ask for what a test wants, with all that can be counted of following it. */
import {
  GraphQLBoolean,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
  parse,
} from 'graphql';
import { toGraphQLError } from '../../../schema/errors.ts';
import { silentLogger } from '../../chat/logger.ts';
import type { Viewer } from '../../chat/viewer.ts';
import { Classes } from '../classes.ts';
import type { EventContexts, Gathering } from '../contexts.ts';
import { follow } from '../follow.ts';
import type { Following } from '../outlet.ts';
import { FakeFeed, FakeOutlet } from './fake-feed.ts';

export interface TestEvent {
  readonly text: string;
  readonly channelId?: string | null;
  readonly cursor?: string | null;
  readonly type?: string;
  /** What the text waits for. */
  readonly until?: Promise<void>;
  /** Thrown by `text` while there are some left. */
  readonly failures?: Error[];
}

interface TestContext {
  readonly viewer: Viewer | null;
  /** Which of the contexts for each in one tick. */
  readonly group: number;
}

export const viewer = (userId: string, organizationId = 'acme'): Viewer => ({
  tenant: { organizationId, slug: organizationId, cell: 'default', epoch: 1 },
  userId,
  handle: userId,
  isAdmin: false,
  expiresAt: Number.POSITIVE_INFINITY,
});

export function createFollowed() {
  const counted = { shared: 0, each: 0, groups: 0, fresh: 0 };
  const event = new GraphQLObjectType<TestEvent, TestContext>({
    name: 'Event',
    fields: {
      text: {
        type: new GraphQLNonNull(GraphQLString),
        resolve: async ({ text, until, failures = [] }) => {
          await until;
          const failure = failures.shift();
          if (failure !== undefined) throw failure;
          return text;
        },
      },
      now: { type: GraphQLString, resolve: ({ text }) => text },
      // Null when it fails, so that nobody sees that it did.
      me: { type: GraphQLString, resolve: (_, __, context) => context.viewer?.userId ?? null },
      group: {
        type: GraphQLInt,
        resolve: (_, __, { viewer: asked, group }) => (asked === null ? null : group),
      },
    },
  });
  let opening = async (): Promise<AsyncIterable<unknown>> => new FakeFeed();
  const schema = new GraphQLSchema({
    query: new GraphQLObjectType({ name: 'Query', fields: { x: { type: GraphQLString } } }),
    subscription: new GraphQLObjectType({
      name: 'Subscription',
      fields: {
        events: {
          type: event,
          args: {
            after: { type: new GraphQLList(new GraphQLNonNull(GraphQLString)) },
            replayLimit: { type: GraphQLInt },
            of: { type: GraphQLString },
            loud: { type: GraphQLBoolean },
          },
          subscribe: () => opening(),
          resolve: (payload) => payload,
        },
      },
    }),
  });
  const gatheringOf = (group: number): Gathering => ({
    contextOf({ viewer: asking }) {
      counted.each += 1;
      const asked = { isOwn: false, questions: [] };
      const value: TestContext = {
        group,
        get viewer() {
          asked.isOwn = true;
          return asking;
        },
      };
      return { value, asked };
    },
    answer: () => undefined,
    ask: () => null,
  });
  const contexts: EventContexts = {
    forAll: (_viewer, of) => {
      counted.shared += 1;
      if (of === undefined) counted.fresh += 1;
      let wasViewerAsked = false;
      return {
        value: {
          get viewer() {
            wasViewerAsked = true;
            throw new Error('asked');
          },
        },
        get wasViewerAsked() {
          return wasViewerAsked;
        },
      };
    },
    forEach: (_viewer, of) => {
      counted.groups += 1;
      if (of === undefined) counted.fresh += 1;
      const group = counted.groups;
      return gatheringOf(group);
    },
  };
  const present = (error: unknown) => toGraphQLError(error);
  const ports = { present, logger: silentLogger };
  const classes = new Classes(schema, { contexts, ...ports });
  const documents = new Map<string, ReturnType<typeof parse>>();
  const documentOf = (text: string) => {
    const document = documents.get(text) ?? parse(text);
    documents.set(text, document);
    return document;
  };

  /** One who follows, once it has begun. */
  async function followed(
    text = 'subscription { events { text } }',
    {
      who = viewer('ada'),
      variables = {},
      source = new FakeFeed(),
    }: { who?: Viewer; variables?: { [name: string]: unknown }; source?: FakeFeed } = {},
  ): Promise<{ feed: FakeFeed; outlet: FakeOutlet; following: Following }> {
    opening = async () => source;
    const outlet = new FakeOutlet();
    const args = { schema, document: documentOf(text), variableValues: variables };
    const following = await follow(args, { viewer: who, connectionId: 'c' }, outlet, 1_000, {
      classes,
      ...ports,
    });
    if ('errors' in following) throw following.errors[0] ?? new Error('refused');
    await new Promise((resolve) => setImmediate(resolve));
    return { feed: source, outlet, following };
  }

  /** Opens it with a source of any kind. */
  function open(from: () => Promise<AsyncIterable<unknown>>, outlet: FakeOutlet, ms = 1_000, field = 'text') {
    opening = from;
    const args = { schema, document: documentOf(`subscription { events { ${field} } }`) };
    return follow(args, { viewer: viewer('ada'), connectionId: 'c' }, outlet, ms, { classes, ...ports });
  }

  return { followed, open, counted, classes, schema };
}
