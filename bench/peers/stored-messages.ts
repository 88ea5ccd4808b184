/**
 * Messages of the usual recipe kept in PostgreSQL: an INSERT before each publish, and pages by keyset whose authors
 * come by DataLoader. Nothing is asked about who may, and a repeated send is a second message.
 */
import DataLoader from 'dataloader';
import pg from 'pg';
import { type Context, type Message, mutations, type User } from './chat-schema.ts';

const SETUP = `
  CREATE TABLE IF NOT EXISTS users (id uuid PRIMARY KEY, handle text NOT NULL UNIQUE, name text NOT NULL, avatar_url text);
  CREATE TABLE IF NOT EXISTS messages (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    channel_id text NOT NULL,
    author_id uuid NOT NULL REFERENCES users,
    text text NOT NULL,
    client_message_id uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    edited_at timestamptz
  );
  CREATE INDEX IF NOT EXISTS messages_of_channel ON messages (channel_id, seq);
`;

export const storedTypeDefs = /* GraphQL */ `
  type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
  type MessageEdge { cursor: String! node: Message! }
  type MessageConnection { edges: [MessageEdge!]! pageInfo: PageInfo! }
  extend type Channel { messages(last: Int!, before: String): MessageConnection! }
  extend type Query { channel(id: ID!): Channel }
`;

interface UserRow {
  readonly id: string;
  readonly handle: string;
  readonly name: string;
  readonly avatar_url: null;
}

interface MessageRow {
  /** A bigint comes as text. */
  readonly seq: string;
  readonly author_id: string;
  readonly text: string;
  readonly client_message_id: string | null;
  readonly created_at: Date;
  readonly edited_at: Date | null;
}

type Authors = DataLoader<string, User>;
type Stored = Omit<Message, 'author'> & { readonly authorId: string };
interface Page {
  readonly last: number;
  readonly before?: string | null;
}

const idOf = (text: string): string => Buffer.from(text).toString('base64url');

export async function storedMessages(url: string) {
  const pool = new pg.Pool({ connectionString: url, max: 10 });
  pool.on('error', (error) => console.error(error));
  await pool.query(SETUP);
  const ids = new Map<string, Promise<string>>();

  const ensured = async (handle: string): Promise<string> => {
    const { rows } = await pool.query<{ id: string }>(
      'INSERT INTO users (id, handle, name) VALUES (gen_random_uuid(), $1, $1) ON CONFLICT (handle) DO UPDATE SET name = excluded.name RETURNING id',
      [handle],
    );
    const [row] = rows;
    if (row === undefined) throw new Error('a user was not saved');
    return row.id;
  };
  /** Of the person, made at their first send. */
  const authorId = (handle: string): Promise<string> => {
    const known = ids.get(handle) ?? ensured(handle);
    ids.set(handle, known);
    return known;
  };

  const messageOf = (channelId: string, row: MessageRow): Stored => ({
    id: idOf(`Message:${channelId}:${row.seq}`),
    channelId,
    seq: Number(row.seq),
    authorId: row.author_id,
    text: row.text,
    createdAt: row.created_at.toISOString(),
    editedAt: row.edited_at?.toISOString() ?? null,
    clientMessageId: row.client_message_id,
    mentions: [],
    reactions: [],
    isPinned: false,
  });

  return {
    /** One for each request. */
    authors: (): Authors =>
      new DataLoader(async (wanted) => {
        const { rows } = await pool.query<UserRow>({
          name: 'users',
          text: 'SELECT id, handle, name, avatar_url FROM users WHERE id = ANY($1)',
          values: [wanted],
        });
        const found = new Map(
          rows.map((row) => [row.id, { ...row, id: idOf(`User:${row.id}`), avatarUrl: row.avatar_url }]),
        );
        return wanted.map((id) => found.get(id) ?? new Error('there is no such user'));
      }),

    resolvers: {
      Query: { channel: (_: unknown, { id }: { readonly id: string }) => ({ id, name: 'channel' }) },
      Message: {
        author: (
          message: Message | Stored,
          _: unknown,
          { authors }: Context & { readonly authors: Authors },
        ) => ('author' in message ? message.author : authors.load(message.authorId)),
      },
      Channel: {
        async messages({ id }: { readonly id: string }, { last, before }: Page) {
          const { rows } = await pool.query<MessageRow>({
            name: 'page',
            text: `SELECT seq, author_id, text, client_message_id, created_at, edited_at FROM messages
                   WHERE channel_id = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3`,
            values: [
              id,
              before == null ? '9223372036854775807' : Buffer.from(before, 'base64url').toString(),
              // One more, to know whether there are more.
              last + 1,
            ],
          });
          const edges = rows
            .slice(0, last)
            .reverse()
            .map((row) => ({ cursor: idOf(row.seq), node: messageOf(id, row) }));
          return {
            edges,
            pageInfo: {
              hasNextPage: before != null,
              hasPreviousPage: rows.length > last,
              startCursor: edges[0]?.cursor ?? null,
              endCursor: edges.at(-1)?.cursor ?? null,
            },
          };
        },
      },
      Mutation: {
        ...mutations,
        async sendMessage(
          _: unknown,
          {
            input: { channelId, text, clientMessageId },
          }: {
            readonly input: {
              readonly channelId: string;
              readonly text: string;
              readonly clientMessageId?: string;
            };
          },
          { viewer, publish }: Context,
        ) {
          const { rows } = await pool.query<MessageRow>({
            name: 'send',
            text: `INSERT INTO messages (channel_id, author_id, text, client_message_id) VALUES ($1, $2, $3, $4)
                   RETURNING seq, author_id, text, client_message_id, created_at, edited_at`,
            values: [channelId, await authorId(viewer.handle), text, clientMessageId ?? null],
          });
          const [row] = rows;
          if (row === undefined) throw new Error('a message was not saved');
          const { authorId: _id, ...saved } = messageOf(channelId, row);
          const message = { ...saved, author: viewer };
          await publish(channelId, {
            __typename: 'MessagePosted',
            channelId,
            cursor: idOf(row.seq),
            message,
          });
          return { message, isDuplicate: false };
        },
      },
    },
  };
}
