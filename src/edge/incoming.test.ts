import { MessageType, makeServer } from 'graphql-ws';
import { expect, test } from 'vitest';

test('graphql-ws takes a message that was read already', async () => {
  const sent: unknown[] = [];
  let receive: (message: string) => Promise<void> = async () => undefined;
  const server = makeServer({});
  const closed = server.opened(
    {
      protocol: 'graphql-transport-ws',
      send: (text) => void sent.push(JSON.parse(text)),
      close: (code) => void sent.push(code),
      onMessage: (listener) => {
        receive = listener;
      },
    },
    {},
  );
  await receive({ type: MessageType.Ping, payload: { n: 1 } } as unknown as string);
  await receive({ type: MessageType.ConnectionInit } as unknown as string);
  expect(sent).toEqual([{ type: 'pong', payload: { n: 1 } }, { type: 'connection_ack' }]);
  await closed(1000, '');
});
