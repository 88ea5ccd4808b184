/** `sendMessage` over a WebSocket, each sender a person with a socket of their own: the whole way of a message. */
import { uuidv7 } from '../../src/chat/ids.ts';
import type { Contender } from '../measure.ts';
import { message } from './message.ts';
import type { Server } from './server.ts';
import { Socket } from './socket.ts';

const CREATE = `mutation Create($input: CreateChannelInput!) {
  createChannel(input: $input) { channel { id } }
}`;
const JOIN = 'mutation Join($id: ID!) { joinChannel(input: { channelId: $id }) { membership { id } } }';
const SEND = `mutation Send($input: SendMessageInput!) {
  sendMessage(input: $input) { isDuplicate message { id seq } }
}`;

export interface GraphqlClients {
  readonly contenders: readonly Contender[];
  close(): void;
}

/** @param senders as many people as there can be sends under way. */
export async function graphqlClients(server: Server, senders: number): Promise<GraphqlClients> {
  const sockets: Socket[] = [];
  for (let i = 0; i < senders; i++) {
    sockets.push(await Socket.open(server.socketUrl, await server.token(`sender-${i}`)));
  }
  const shared = await createChannel(socketOf(sockets, 0), 'shared');
  const own: string[] = [];
  for (const [i, socket] of sockets.entries()) {
    if (i > 0) await socket.execute(JOIN, { id: shared });
    own.push(await createChannel(socket, `own-${i}`));
  }
  return {
    contenders: [
      contender('sendMessage, one channel', server, sockets, () => shared),
      contender('sendMessage, a channel each', server, sockets, (sender) => own[sender] ?? ''),
    ],
    close: () => sockets.forEach((socket) => void socket.close()),
  };
}

function contender(
  name: string,
  server: Server,
  sockets: readonly Socket[],
  channelOf: (sender: number) => string,
): Contender {
  const known = new Map<string, number>();
  return {
    name,
    cpuMicros: server.cpuMicros,
    async send(sender) {
      const channelId = channelOf(sender);
      const input = {
        channelId,
        text: message(sender).text,
        clientMessageId: uuidv7(Date.now()),
        basis: known.get(channelId) ?? 0,
      };
      const data = (await socketOf(sockets, sender).execute(SEND, { input })) as {
        sendMessage: { isDuplicate: boolean; message: { seq: number } };
      };
      if (data.sendMessage.isDuplicate) throw new Error('a fresh send was taken for a repeated one');
      known.set(channelId, Math.max(known.get(channelId) ?? 0, data.sendMessage.message.seq));
    },
  };
}

async function createChannel(socket: Socket, handle: string): Promise<string> {
  const input = { handle: `${handle}-${Date.now().toString(36)}`, name: handle };
  const data = (await socket.execute(CREATE, { input })) as { createChannel: { channel: { id: string } } };
  return data.createChannel.channel.id;
}

function socketOf(sockets: readonly Socket[], index: number): Socket {
  const socket = sockets[index];
  if (socket === undefined) throw new Error('there is a socket for every sender');
  return socket;
}
