/**
 * What changes that were asked for come to, on the state right before each: the content after an edit, who has
 * reacted after a reaction, or nothing at all, when what is wanted is so already.
 */
import { isDeepStrictEqual } from 'node:util';
import { badInput, conflict, notFound } from '../errors.ts';
import { type Decision, Unchanged } from '../log/deciding.ts';
import type { ChangeEntry } from '../log/entries.ts';
import { keepsMetadata } from './asked.ts';
import type { MessageState } from './message-state.ts';

/** Different emoji on one message: their summaries lie in its row, which everyone reads. */
export const MOST_EMOJI = 50;

const refuse = (error: Error): Decision<ChangeEntry> => ({ error });
const unchanged = (): Decision<ChangeEntry> => refuse(new Unchanged('it is so already'));
const isDeleted = (): Decision<ChangeEntry> => refuse(conflict('The message is deleted.'));

/**
 * Decides one change and moves the state of its message on.
 * @param rev the number that it gets if it is appended.
 * @param messageHead the messages' head: everyone reads messages up to it before the change.
 */
export function decide(
  asked: ChangeEntry,
  states: ReadonlyMap<number, MessageState>,
  rev: number,
  messageHead: number,
): Decision<ChangeEntry> {
  const { seq } = asked;
  if (seq === undefined) return { entry: asked };
  const state = states.get(seq);
  if (state === undefined) return refuse(notFound('The message'));
  const entry = { ...asked, head: Math.max(asked.head, seq, messageHead) };
  switch (entry.kind) {
    case 'EDITED':
      return decideEdit(entry, state, rev);
    case 'DELETED':
      return decideDeletion(entry, state);
    case 'REACTION_ADDED':
      return decideReaction(entry, state, rev);
    case 'REACTION_REMOVED':
      return decideRemoval(entry, state);
    case 'PINNED':
      if (state.isDeleted) return isDeleted();
      if (state.isPinned) return unchanged();
      state.isPinned = true;
      return { entry };
    case 'UNPINNED':
      if (!state.isPinned) return unchanged();
      state.isPinned = false;
      return { entry };
    default:
      return { entry };
  }
}

function decideEdit(asked: ChangeEntry, state: MessageState, rev: number): Decision<ChangeEntry> {
  if (asked.content === undefined) throw new Error('an edit says nothing');
  if (state.isDeleted) return isDeleted();
  const { text, mentions } = asked.content;
  const metadata = keepsMetadata(asked) ? state.content.metadata : asked.content.metadata;
  if (text === state.content.text && isDeepStrictEqual(metadata, state.content.metadata)) return unchanged();
  const content = { text, metadata, mentions };
  const { kind, head, actorId, userId, seq } = asked;
  const entry = { kind, head, actorId, userId, ...(seq === undefined ? {} : { seq }), content };
  const { edits } = state;
  state.edit(content, rev);
  return { entry: edits.length === 0 ? entry : { ...entry, earlierEdits: edits } };
}

function decideDeletion(asked: ChangeEntry, state: MessageState): Decision<ChangeEntry> {
  if (state.isDeleted) return unchanged();
  state.isDeleted = true;
  state.isPinned = false;
  const { edits } = state;
  return { entry: edits.length === 0 ? asked : { ...asked, earlierEdits: edits } };
}

function decideReaction(asked: ChangeEntry, state: MessageState, rev: number): Decision<ChangeEntry> {
  if (state.isDeleted) return isDeleted();
  const reaction = state.reaction(asked.emoji ?? '');
  if (reaction.addedRev(asked.actorId) !== null) return unchanged();
  if (reaction.count === 0 && state.emojiCount >= MOST_EMOJI) {
    return refuse(badInput(`The message has ${MOST_EMOJI} different emoji already: react with one of them.`));
  }
  reaction.add(asked.actorId, rev);
  return { entry: { ...asked, reaction: reaction.summary() } };
}

function decideRemoval(asked: ChangeEntry, state: MessageState): Decision<ChangeEntry> {
  if (state.isDeleted) return isDeleted();
  const reaction = state.reaction(asked.emoji ?? '');
  const addedRev = reaction.addedRev(asked.actorId);
  if (addedRev === null) return unchanged();
  reaction.remove(asked.actorId);
  return { entry: { ...asked, reaction: reaction.summary(), addedRev } };
}
