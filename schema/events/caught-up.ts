import { builder } from '../builder.ts';
import { type EventOf, EventRef } from '../refs.ts';

builder.objectRef<EventOf<'CaughtUp'>>('CaughtUp').implement({
  description: 'The replay of this channel is complete; with a null channelId: of all that were asked for.',
  interfaces: [EventRef],
});
