/**
 * How entries of the two logs lie in columns: the same in every log store. A field that this version does not know,
 * written by a newer one, is kept in `extra` and handed on as it was, so that replicas of two versions may run side
 * by side during an upgrade: a new field goes to `extra` until it earns a column.
 */
import type { ChangeEntry, MessageContent, MessageEntry } from '../chat/log/entries.ts';

export type ColumnValue = string | number | null;

export interface Column {
  readonly name: string;
  readonly type: 'text' | 'int';
  readonly nullable: boolean;
}

export interface EntryCodec<Entry> {
  /** The columns beside number, time and send key, in the order of the values. */
  readonly columns: readonly Column[];
  encode(entry: Entry): ColumnValue[];
  decode(values: readonly (ColumnValue | undefined)[]): Entry;
}

const column = (name: string, type: Column['type'] = 'text', nullable = false): Column => ({
  name,
  type,
  nullable,
});

/** Fields without a column of their own, as JSON; null when there are none. */
const packed = (fields: object): string | null =>
  Object.keys(fields).length === 0 ? null : JSON.stringify(fields);

const json = (value: unknown): string | null => (value === null ? null : JSON.stringify(value));

const parsed = (value: ColumnValue | undefined): unknown =>
  typeof value === 'string' ? JSON.parse(value) : null;

// What comes out of a column was put there by `encode` below, of this version or another: its shape is our own.
export const messageCodec: EntryCodec<MessageEntry> = {
  columns: [
    column('author_id'),
    column('client_message_id'),
    column('text'),
    column('metadata', 'text', true),
    column('mentions', 'text', true),
    column('extra', 'text', true),
  ],
  // What later changes made of a message has columns of its own: named in an append, these would be undone.
  encode({ authorId, clientMessageId, text, metadata, mentions, projection: _, ...extra }) {
    return [
      authorId,
      clientMessageId,
      text,
      json(metadata),
      mentions.length === 0 ? null : json(mentions),
      packed(extra),
    ];
  },
  decode([authorId, clientMessageId, text, metadata, mentions, extra]) {
    return {
      ...(parsed(extra) as object | null),
      authorId: authorId as string,
      clientMessageId: clientMessageId as string,
      // A deletion erased it.
      text: (text ?? '') as string,
      metadata: parsed(metadata) as MessageEntry['metadata'],
      mentions: (parsed(mentions) ?? []) as MessageEntry['mentions'],
    };
  },
};

// The kind goes through as it is, also one that a newer version made: whoever reads it skips what they do not know.
export const changeCodec: EntryCodec<ChangeEntry> = {
  columns: [
    column('kind'),
    column('head', 'int'),
    column('actor_id'),
    column('user_id', 'text', true),
    column('extra', 'text', true),
    // What an edit says has a column of its own, because it alone may be erased later.
    column('content', 'text', true),
  ],
  encode({ kind, head, actorId, userId, content, ...extra }) {
    return [kind, head, actorId, userId, packed(extra), content === undefined ? null : json(content)];
  },
  decode([kind, head, actorId, userId, extra, content]) {
    return {
      ...(parsed(extra) as object | null),
      ...(content == null ? {} : { content: parsed(content) as MessageContent }),
      kind: kind as ChangeEntry['kind'],
      head: head as number,
      actorId: actorId as string,
      userId: (userId ?? null) as string | null,
    };
  },
};
