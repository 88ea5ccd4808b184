/** Query.connectionEndpoint: the edge server that the viewer's WebSocket belongs to. */
import type { Endpoint } from '../../src/chat/endpoints/port.ts';
import { type Context, viewerOf } from '../context.ts';

export const connectionEndpoint = (context: Context): Promise<Endpoint> =>
  context.chat.endpoints.of(viewerOf(context));
