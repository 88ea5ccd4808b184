/** What a run did and what it could not take over, counted; shown as a table at the end. */

const COUNTED = {
  people: 'people',
  channels: 'public channels',
  privateChannels: 'private channels',
  directs: 'direct conversations',
  messages: 'messages',
  replies: 'of these in threads',
  threads: 'threads',
  reactions: 'reactions',
  edits: 'edits',
  pins: 'pinned messages',
  deleted: 'deleted messages under which a thread goes on',
  memberships: 'members of channels',
  followers: 'followers of threads',
  alreadyThere: 'messages that were there already',
  flatReplies: 'replies that an earlier version put into the channel, left there',

  files: 'messages with files (the files stay with Slack)',
  attachments: 'messages with attachments',
  blocks: 'messages with blocks',
  huddles: 'huddles',
  subtypes: 'messages of a special kind (joins, bots, topics, …)',

  cutTexts: 'texts over the limit, sent as several messages',
  madeTexts: 'messages without text, named by their files or attachments',
  trimmedMetadata: 'messages whose extras did not fit and were shortened',
  strangers: 'messages by somebody who is not in users.json',
  unknownMentions: 'mentions of somebody or of a group that is not in users.json',
  orphans: 'replies whose thread begins outside the export, put into the channel',
  broadcasts: 'replies that were shown in the channel too, now in their thread alone',
  late: 'messages placed after younger ones (the true time is kept in metadata)',
  futureTimes: 'messages from the future, dated now',
  renamedChannels: 'channels under another handle than in Slack',
  shortenedTopics: 'topics over the limit, shortened',

  badFiles: 'files that could not be read',
  badMessages: 'entries that are not messages',
  badPeople: 'people without a usable id',
  badChannels: 'channels without a usable id or name',
  repeated: 'messages that came twice in the export',
  deletedInSlack: 'messages that were deleted in Slack',
  emptyDirects: 'direct conversations in which nothing was said',
  unknownEmoji: 'reactions with an emoji whose name cannot be kept',
  unnamedReactions: 'reactions by people whom the export does not name',
  refusedChanges: 'reactions beyond 50 different emoji, and changes of messages that were deleted here',
  otherFiles: 'lists that have no counterpart here (canvases, integrations, …)',
  privateLeftOut: 'private channels and direct conversations, left out as asked',
} as const;

export type Counted = keyof typeof COUNTED;

/** The parts of the closing table, in order. */
export const tallyParts: readonly { readonly title: string; readonly counted: readonly Counted[] }[] = [
  {
    title: 'Taken over',
    counted: [
      'people',
      'channels',
      'privateChannels',
      'directs',
      'messages',
      'replies',
      'threads',
      'reactions',
      'edits',
      'pins',
      'deleted',
      'memberships',
      'followers',
      'alreadyThere',
      'flatReplies',
    ],
  },
  {
    title: 'Kept in metadata, not shown',
    counted: ['files', 'attachments', 'blocks', 'huddles', 'subtypes'],
  },
  {
    title: 'Changed to fit',
    counted: [
      'cutTexts',
      'madeTexts',
      'trimmedMetadata',
      'strangers',
      'unknownMentions',
      'orphans',
      'broadcasts',
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
      'deletedInSlack',
      'emptyDirects',
      'unknownEmoji',
      'unnamedReactions',
      'refusedChanges',
      'otherFiles',
      'privateLeftOut',
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
