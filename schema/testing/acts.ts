/** What tests of the API do over and over, through the API itself. */
import type { Viewer } from '../../src/chat/viewer.ts';
import type { World } from './world.ts';

/** Creates a channel and returns its id. */
export async function newChannel(
  world: World,
  viewer: Viewer,
  input: Record<string, unknown> = {},
): Promise<string> {
  const { data, errors } = await world.run(
    viewer,
    'mutation ($input: CreateChannelInput!) { createChannel(input: $input) { channel { id } } }',
    { input: { name: `Channel ${Math.random()}`, ...input } },
  );
  if (errors[0] !== undefined) throw errors[0];
  return data.createChannel.channel.id;
}

/** Sends a text and returns the message's number. */
export async function say(world: World, viewer: Viewer, channelId: string, text: string): Promise<number> {
  const { data, errors } = await world.run(
    viewer,
    'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { seq } } }',
    { input: { channelId, text } },
  );
  if (errors[0] !== undefined) throw errors[0];
  return data.sendMessage.message.seq;
}

/** The global id of a person, asked as someone of their organization. */
export async function userId(world: World, viewer: Viewer, handle = viewer.handle): Promise<string> {
  const { data } = await world.run(viewer, 'query ($handle: String) { user(handle: $handle) { id } }', {
    handle,
  });
  return data.user.id;
}

/** Sends a text and returns the message's id. */
export async function post(
  world: World,
  viewer: Viewer,
  channelId: string,
  text: string,
  input: Record<string, unknown> = {},
): Promise<string> {
  const { data, errors } = await world.run(
    viewer,
    'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id } } }',
    { input: { channelId, text, ...input } },
  );
  if (errors[0] !== undefined) throw errors[0];
  return data.sendMessage.message.id;
}
