import { channelEvents } from '../resolvers/subscription/channel-events.ts';
import { events } from '../resolvers/subscription/events.ts';
import { presence } from '../resolvers/subscription/presence.ts';
import { builder } from './builder.ts';
import { PresenceChanged } from './people/presence-changed.ts';
import { EventRef } from './refs.ts';

/** Each event is executed by itself, with itself as the root value. */
const itself = <E>(event: E): E => event;

builder.subscriptionType({
  fields: (t) => ({
    events: t.field({
      type: EventRef,
      description: `Everything the viewer should be told of, in all channels, on one subscription.
First comes Ready: nothing from then on is missed. Channels without a cursor in \`after\` are live at once, their
positions told in Positions before any event of theirs. For each cursor in \`after\`, started in that order, what happened since is replayed, then CaughtUp
of that channel comes, and it is live. Order holds within a channel, not between channels.
\`replayLimit\`: messages replayed per channel before HistorySkipped takes over, at most 1,000, the default.
Threads are not included: their news comes as MessageUpdated of the root and as Notified.`,
      args: { after: t.arg.stringList(), replayLimit: t.arg.int() },
      subscribe: (_root, args, context) => events(args, context),
      resolve: itself,
    }),
    channelEvents: t.field({
      type: EventRef,
      description: 'The same for one channel or thread that the viewer may read.',
      args: {
        channelId: t.arg.id({ required: true }),
        after: t.arg.string(),
        replayLimit: t.arg.int(),
      },
      subscribe: (_root, args, context) => channelEvents(args, context),
      resolve: itself,
    }),
    presence: t.field({
      type: PresenceChanged,
      description:
        'Presence of up to 500 people: the present state of each first, then changes. Ids of nobody in the organization are passed over.',
      args: { userIds: t.arg.idList({ required: true }) },
      subscribe: (_root, args, context) => presence(args, context),
      resolve: itself,
    }),
  }),
});
