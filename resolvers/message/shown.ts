/** What later changes made of a message: it lies with the message's row, so that showing it asks nobody. */
import type { Message } from '../../src/chat/messages/message.ts';

const dateOf = (at: number | undefined): Date | null => (at === undefined ? null : new Date(at));

export const editedAt = ({ row }: Message): Date | null => dateOf(row.entry.projection?.edited?.at);
export const deletedAt = ({ row }: Message): Date | null => dateOf(row.entry.projection?.deletedAt);
export const isPinned = ({ row }: Message): boolean => row.entry.projection?.pinnedAt !== undefined;
