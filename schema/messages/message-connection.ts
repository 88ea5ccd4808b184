import type { MessagePage } from '../../src/chat/messages/connection.ts';
import { builder } from '../builder.ts';
import { MessageRef } from '../refs.ts';

const MessageEdge = builder.edgeObject({ type: MessageRef, name: 'MessageEdge' });

export const MessageConnection = builder.objectRef<MessagePage>('MessageConnection').implement({
  fields: (t) => ({
    edges: t.field({ type: [MessageEdge], resolve: (page) => page.edges }),
    pageInfo: t.field({ type: builder.pageInfoRef(), resolve: (page) => page.pageInfo }),
    totalCount: t.exposeInt('totalCount', { description: 'Messages ever sent in the channel.' }),
    position: t.exposeString('position', {
      description:
        'Read before the page was: subscribing with `after: [position]` misses nothing that this page does not show.',
    }),
  }),
});
