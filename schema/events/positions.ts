import { builder } from '../builder.ts';
import { type EventOf, EventRef } from '../refs.ts';
import { ChannelPosition } from './channel-position.ts';

builder.objectRef<EventOf<'Positions'>>('Positions').implement({
  description: 'Where channels without a cursor stand, at most 200 an event.',
  interfaces: [EventRef],
  fields: (t) => ({
    positions: t.field({ type: [ChannelPosition], resolve: ({ positions }) => positions }),
  }),
});
