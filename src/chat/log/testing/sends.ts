/** Sends as the domain makes them. */
import { randomUUID } from 'node:crypto';
import { uuidv7 } from '../../ids.ts';
import { type MessageEntry, messageSendKey } from '../entries.ts';
import type { SearchBack, Send } from '../log.ts';
import { messageSearchBack } from '../search-back.ts';

/** A message of its own author, or of the one given, named by a fresh UUIDv7. */
export function messageSend(
  text: string,
  options: {
    readonly authorId?: string;
    readonly clientMessageId?: string;
    readonly searchBack?: SearchBack;
    readonly at?: number;
  } = {},
): Send<MessageEntry> {
  const authorId = options.authorId ?? randomUUID();
  const clientMessageId = options.clientMessageId ?? uuidv7(Date.now());
  return {
    sendKey: messageSendKey(authorId, clientMessageId),
    entry: { authorId, clientMessageId, text, metadata: null, mentions: [] },
    bytes: 100 + Buffer.byteLength(text),
    searchBack: options.searchBack ?? messageSearchBack(clientMessageId, null, Date.now()),
    ...(options.at === undefined ? {} : { at: options.at }),
  };
}
