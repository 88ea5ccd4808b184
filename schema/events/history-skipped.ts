import { builder } from '../builder.ts';
import { type EventOf, EventRef } from '../refs.ts';

builder.objectRef<EventOf<'HistorySkipped'>>('HistorySkipped').implement({
  description:
    'More was missed than is replayed (messages, or 16,384 changes; then count may be 0): `count` messages lie between the two cursors, both exclusive (`before` is the first one replayed). Page through them, and ask changedMessages(after).',
  interfaces: [EventRef],
  fields: (t) => ({
    after: t.exposeString('after'),
    before: t.exposeString('before'),
    count: t.exposeInt('count'),
  }),
});
