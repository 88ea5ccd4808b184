/** What every contender sends: one short message, with an id of its own. */
import { uuidv7 } from '../../src/chat/ids.ts';
import type { MessageEntry } from '../../src/chat/log/entries.ts';

const authors = Array.from({ length: 20 }, () => uuidv7(Date.now()));

export const message = (sender: number): MessageEntry => ({
  authorId: authors[sender % authors.length] ?? '',
  clientMessageId: uuidv7(Date.now()),
  text: 'The quick brown fox jumps over the lazy dog, and the dog does not mind.',
  metadata: null,
  mentions: [],
});

export const MESSAGE_BYTES = 300;
