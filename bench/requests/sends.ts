/** `sendMessage`, the same document for both servers, each person in a channel with all the others. */
import { uuidv7 } from '../../src/chat/ids.ts';
import { message } from '../send/message.ts';
import { type Client, openClient } from './client.ts';
import type { Ground, ServerName } from './grounds.ts';

const CREATE = `mutation Create($input: CreateChannelInput!) {
  createChannel(input: $input) { channel { id } }
}`;
const JOIN = 'mutation Join($id: ID!) { joinChannel(input: { channelId: $id }) { membership { id } } }';
const SEND = `mutation Send($input: SendMessageInput!) {
  sendMessage(input: $input) { isDuplicate message { id seq createdAt } }
}`;

/** A channel of `people`, by server: the usual recipe has one of any name. */
export async function sharedChannel(
  { servers }: Ground,
  people: number,
): Promise<Record<ServerName, string>> {
  const own = servers['Backscroll, embedded'];
  let id = '';
  for (let i = 0; i < people; i++) {
    const client = await openClient(own, 'HTTP', `person-${i}`);
    if (i > 0) await client.execute(JOIN, { id });
    else {
      const data = (await client.execute(CREATE, { input: { name: 'Bench', handle: 'bench' } })) as {
        createChannel: { channel: { id: string } };
      };
      id = data.createChannel.channel.id;
    }
    client.close();
  }
  return { 'Backscroll, embedded': id, 'the usual recipe': 'bench' };
}

/** @param channels where to. */
export const sendTo =
  (channels: Readonly<Record<ServerName, string>>) =>
  (server: ServerName) =>
  async (client: Client, sender: number): Promise<void> => {
    const input = {
      channelId: channels[server],
      text: message(sender).text,
      clientMessageId: uuidv7(Date.now()),
    };
    const data = (await client.execute(SEND, { input })) as { sendMessage: { isDuplicate: boolean } };
    if (data.sendMessage.isDuplicate) throw new Error('a fresh send was taken for a repeated one');
  };
