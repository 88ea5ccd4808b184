import { builder } from '../builder.ts';
import { type EventOf, EventRef } from '../refs.ts';

builder.objectRef<EventOf<'PositionReset'>>('PositionReset').implement({
  description:
    "The channel's numbering was restored from a backup: forget what is cached of it and start anew from cursor.",
  interfaces: [EventRef],
});
