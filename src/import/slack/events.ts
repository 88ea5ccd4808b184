/**
 * What was done to messages: edits, reactions, pins, deletions, and that a thread began. Slack gives a time for edits
 * and pins; whoever reacted did so after the message, that is all it says.
 */
import type { MessageContent } from '../../chat/log/entries.ts';
import { emojiOf } from './emoji.ts';
import type { ImportedMessage } from './entry.ts';
import { clientChangeIdOf } from './ids.ts';
import type { Person } from './people.ts';
import { type ExportedMessage, exportedMessage } from './stage.ts';
import { tsKey, tsMillis } from './times.ts';
import type { Work } from './work.ts';

/** As it waits in the staging, as JSON. */
export type ImportedEvent = { readonly actorId: string; readonly changeId: string } & (
  | { readonly kind: 'EDITED'; readonly content: MessageContent }
  | { readonly kind: 'DELETED' | 'PINNED' }
  | { readonly kind: 'REACTION_ADDED'; readonly emoji: string }
  | { readonly kind: 'THREAD_OPENED' }
);

/** Without the name of the change, which follows from the rest. */
type Happened = ImportedEvent extends infer E
  ? E extends ImportedEvent
    ? Omit<E, 'changeId'>
    : never
  : never;

/** @param log as Staging.addEvent has it. */
export async function stageEvents(
  work: Work,
  log: string,
  exported: ExportedMessage,
  { entries: [first], edited }: ImportedMessage,
  author: Person,
): Promise<void> {
  const { run, staging, people } = work;
  const { message } = exported;
  const clientId = first.entry.clientMessageId;
  const add = (at: number, event: Happened, ...what: readonly string[]): void => {
    const changeId = clientChangeIdOf(clientId, event.kind, ...what);
    staging.addEvent(log, {
      at: Math.min(at, run.clock.now()),
      clientId,
      json: JSON.stringify({ ...event, changeId }),
    });
  };
  if (message.subtype === 'tombstone') {
    add(first.at, { kind: 'DELETED', actorId: author.id });
    return;
  }
  if (message.edited && edited !== null) {
    const editor = message.edited.user ? await people.byId(message.edited.user) : author;
    const { ts } = message.edited;
    add(tsMillis(ts), { kind: 'EDITED', actorId: editor.id, content: edited }, ts);
  }
  for (const { name, users, count } of message.reactions ?? []) {
    // Slack names some fifty people of a reaction that thousands gave.
    run.tally.add('unnamedReactions', Math.max(0, (count ?? 0) - users.length));
    const emoji = emojiOf(name);
    if (emoji === null) {
      run.tally.add('unknownEmoji', users.length);
      continue;
    }
    for (const user of users) {
      const { id } = await people.byId(user);
      add(first.at, { kind: 'REACTION_ADDED', actorId: id, emoji }, id, emoji);
    }
  }
  const pin = work.pins.get(tsKey(message.ts));
  if (pin !== undefined || (message.pinned_to ?? []).includes(work.listed.slackId)) {
    const pinner = pin?.user ? await people.byId(pin.user) : author;
    add(pin?.created ? pin.created * 1000 : first.at, { kind: 'PINNED', actorId: pinner.id });
  }
}

/** Notes of each thread when it began, and who began it. */
export async function stageThreads({ run, staging, people }: Work): Promise<void> {
  for (let after = ''; !run.signal.aborted; ) {
    const [thread] = staging.threads(after, 1);
    if (thread === undefined) return;
    const { root, first } = thread;
    const reply = exportedMessage(first.json).message;
    const { person } = await people.authorOf(reply);
    const event: ImportedEvent = { kind: 'THREAD_OPENED', actorId: person.id, changeId: '' };
    staging.addEvent('', {
      at: Math.min(tsMillis(reply.ts), run.clock.now()),
      clientId: root.clientId,
      json: JSON.stringify(event),
    });
    after = root.key;
  }
}
