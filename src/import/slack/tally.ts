/** What a run did and what it could not take over, counted; shown as a table at the end. */

const COUNTED = {
  people: 'people',
  channels: 'channels',
  messages: 'messages',
  memberships: 'members of channels',
  alreadyThere: 'messages that were there already',

  reactions: 'messages with reactions',
  files: 'messages with files',
  replies: 'replies in threads',
  edits: 'edited messages',
  attachments: 'messages with attachments',
  blocks: 'messages with blocks',
  subtypes: 'messages of a special kind (joins, bots, topics, …)',

  cutTexts: 'texts over the limit, sent as several messages',
  madeTexts: 'messages without text, named by their files or attachments',
  trimmedMetadata: 'messages whose extras did not fit and were shortened',
  strangers: 'messages by somebody who is not in users.json',
  unknownMentions: 'mentions of somebody or of a group that is not in users.json',
  late: 'messages placed after younger ones (the true time is kept in metadata)',
  futureTimes: 'messages from the future, dated now',
  renamedChannels: 'channels under another handle than in Slack',
  shortenedTopics: 'topics over the limit, shortened',

  badFiles: 'files that could not be read',
  badMessages: 'entries that are not messages',
  badPeople: 'people without a usable id',
  badChannels: 'channels without a usable id or name',
  repeated: 'messages that came twice in the export',
  unarchived: 'archived channels that stay open here',
  tooLate: 'messages that belong far before what was imported earlier',
  otherConversations: 'private channels and direct conversations',
} as const;

export type Counted = keyof typeof COUNTED;

/** The parts of the closing table, in order. */
export const tallyParts: readonly { readonly title: string; readonly counted: readonly Counted[] }[] = [
  { title: 'Taken over', counted: ['people', 'channels', 'messages', 'memberships', 'alreadyThere'] },
  {
    title: 'Kept in metadata, not shown yet',
    counted: ['reactions', 'files', 'replies', 'edits', 'attachments', 'blocks', 'subtypes'],
  },
  {
    title: 'Changed to fit',
    counted: [
      'cutTexts',
      'madeTexts',
      'trimmedMetadata',
      'strangers',
      'unknownMentions',
      'late',
      'futureTimes',
      'renamedChannels',
      'shortenedTopics',
    ],
  },
  {
    title: 'Not taken over',
    counted: [
      'badFiles',
      'badMessages',
      'badPeople',
      'badChannels',
      'repeated',
      'unarchived',
      'tooLate',
      'otherConversations',
    ],
  },
];

export const labelOf = (counted: Counted): string => COUNTED[counted];

export class Tally {
  readonly #counts = new Map<Counted, number>();

  add(counted: Counted, by = 1): void {
    if (by > 0) this.#counts.set(counted, this.of(counted) + by);
  }

  of(counted: Counted): number {
    return this.#counts.get(counted) ?? 0;
  }
}
