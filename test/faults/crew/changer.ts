/** Someone who edits, reacts, pins and deletes without end, while two others keep copies of the channel by events alone. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { anyOf, type Recorder } from '../recorder.ts';

const MESSAGES = 12;
const PAUSE_MS = 60;
const EMOJI = ['🎉', '👍', '🦊'];

const change = (name: string, type: string): string =>
  `mutation Change($input: ${type}!) { ${name}(input: $input) { message { id } } }`;
const SEND = 'mutation Send($input: SendMessageInput!) { sendMessage(input: $input) { message { id } } }';

/** Each change is repeated until it is answered; one after the other. */
export async function keepChanging(
  stop: AbortSignal,
  urls: readonly string[],
  token: string,
  channelId: string,
  organization: string,
  recorder: Recorder,
): Promise<void> {
  const act = (name: string, type: string, input: object): Promise<unknown> =>
    recorder.untilAnswered(name, urls, token, change(name, type), { input });
  const say = async (): Promise<string> => {
    const input = {
      channelId,
      text: `${organization} ${randomUUID()}`,
      clientMessageId: randomUUID(),
      basis: 0,
    };
    const data = await recorder.untilAnswered<{ sendMessage: { message: { id: string } } }>(
      'sendMessage',
      urls,
      token,
      SEND,
      { input },
    );
    return data.sendMessage.message.id;
  };
  const ids: string[] = [];
  while (ids.length < MESSAGES) ids.push(await say());
  while (!stop.aborted) {
    const messageId = anyOf(ids);
    const emoji = anyOf(EMOJI);
    const chance = Math.random();
    if (chance < 0.35) {
      const text = `${organization} ${randomUUID()}`;
      await act('editMessage', 'EditMessageInput', { messageId, text, clientChangeId: randomUUID() });
    } else if (chance < 0.6) await act('addReaction', 'ReactionInput', { messageId, emoji });
    else if (chance < 0.75) await act('removeReaction', 'ReactionInput', { messageId, emoji });
    else if (chance < 0.85) await act('pinMessage', 'MessageInput', { messageId });
    else if (chance < 0.95) await act('unpinMessage', 'MessageInput', { messageId });
    else {
      await act('deleteMessage', 'MessageInput', { messageId });
      ids.splice(ids.indexOf(messageId), 1, await say());
    }
    await sleep(Math.random() * 2 * PAUSE_MS);
  }
}
