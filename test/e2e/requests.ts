/** What a careful client does over HTTP: one request, its errors by code, and sends repeated until answered. */
import { setTimeout as sleep } from 'node:timers/promises';

export class RequestFailed extends Error {
  readonly codes: readonly string[];
  constructor(codes: readonly string[], message: string) {
    super(message);
    this.codes = codes;
  }
}

interface Answer<Data> {
  readonly data?: Data | null;
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
}

/** One operation over HTTP. Throws RequestFailed with the errors' codes (NETWORK when there was no answer). */
export async function request<Data>(
  url: string,
  token: string,
  query: string,
  variables: object = {},
): Promise<Data> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, variables }),
    signal: AbortSignal.timeout(20_000),
  }).catch((error: unknown) => {
    throw new RequestFailed(['NETWORK'], String(error));
  });
  const answer = (await response.json().catch((error: unknown) => {
    throw new RequestFailed(['NETWORK'], String(error));
  })) as Answer<Data>;
  if (answer.errors !== undefined || answer.data === undefined || answer.data === null) {
    const errors = answer.errors ?? [];
    throw new RequestFailed(
      errors.map((e) => e.extensions?.code ?? 'NONE'),
      JSON.stringify(errors),
    );
  }
  return answer.data;
}

export interface Sent {
  readonly seq: number;
  readonly text: string;
  readonly isDuplicate: boolean;
}

const SEND = `mutation Send($input: SendMessageInput!) {
  sendMessage(input: $input) { isDuplicate message { seq text } }
}`;

/** One try of a send. */
export async function send(
  url: string,
  token: string,
  input: { channelId: string; text: string; clientMessageId: string; basis?: number },
): Promise<Sent> {
  const data = await request<{
    sendMessage: { isDuplicate: boolean; message: { seq: number; text: string } };
  }>(url, token, SEND, { input });
  return { ...data.sendMessage.message, isDuplicate: data.sendMessage.isDuplicate };
}

/** Repeats a send with its clientMessageId, on the replicas in turn, while it is told to try again or hears nothing. */
export async function sendUntilSaved(
  urls: readonly string[],
  token: string,
  input: { channelId: string; text: string; clientMessageId: string; basis?: number },
): Promise<Sent> {
  let last: unknown;
  for (let attempt = 0; attempt < 60; attempt++) {
    try {
      return await send(urls[attempt % urls.length] ?? '', token, input);
    } catch (error) {
      const again =
        error instanceof RequestFailed && error.codes.every((c) => c === 'UNAVAILABLE' || c === 'NETWORK');
      if (!again) throw error;
      last = error;
      await sleep(100 + Math.random() * 400);
    }
  }
  throw last;
}

export interface PagedMessage {
  readonly seq: number;
  readonly text: string;
}

/** The whole history, page by page, oldest first; `backward` pages from the newest. */
export async function readAll(
  url: string,
  token: string,
  channelId: string,
  backward = false,
): Promise<PagedMessage[]> {
  const all: PagedMessage[] = [];
  let cursor: string | null = null;
  for (;;) {
    const data: {
      channel: {
        messages: {
          edges: { node: PagedMessage }[];
          pageInfo: {
            hasNextPage: boolean;
            hasPreviousPage: boolean;
            startCursor: string | null;
            endCursor: string | null;
          };
        };
      };
    } = await request(
      url,
      token,
      `query Page($id: ID!, $first: Int, $after: String, $last: Int, $before: String) {
        channel(id: $id) { messages(first: $first, after: $after, last: $last, before: $before) {
          edges { node { seq text } }
          pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        } }
      }`,
      backward ? { id: channelId, last: 173, before: cursor } : { id: channelId, first: 173, after: cursor },
    );
    const { edges, pageInfo } = data.channel.messages;
    const nodes = edges.map((e) => e.node);
    if (backward) all.unshift(...nodes);
    else all.push(...nodes);
    if (!(backward ? pageInfo.hasPreviousPage : pageInfo.hasNextPage)) return all;
    cursor = backward ? pageInfo.startCursor : pageInfo.endCursor;
  }
}
