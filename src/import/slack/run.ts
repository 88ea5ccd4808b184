/** What every step of one import run shares. */
import type { ChannelStore, MembershipStore } from '../../chat/channels/port.ts';
import type { Clock } from '../../chat/clock.ts';
import type { ChangeEntry, MessageEntry } from '../../chat/log/entries.ts';
import type { Log } from '../../chat/log/log.ts';
import type { OutboxStore } from '../../chat/outbox/port.ts';
import type { Organization, UserStore } from '../../chat/people/port.ts';
import type { Patience } from './patience.ts';
import type { Scratch } from './scratch.ts';
import type { SlackExport } from './source/export.ts';
import type { Tally } from './tally.ts';

/** Where an import writes. */
export interface ImportStores {
  readonly users: UserStore;
  readonly channels: ChannelStore;
  readonly memberships: MembershipStore;
  readonly outbox: OutboxStore;
  readonly messages: Log<MessageEntry>;
  readonly changes: Log<ChangeEntry>;
  /** A private database on disk that leaves nothing behind; one for each conversation under way. */
  openScratch(): Scratch;
}

/** Told how the run goes; must not throw. */
export interface ImportObserver {
  /** Before the first conversation. `bytes` of all their day files. */
  started(totals: {
    readonly conversations: number;
    readonly dayFiles: number;
    readonly bytes: number;
  }): void;
  /** So many more of the bytes are dealt with. */
  advanced(bytes: number): void;
  messagesSaved(count: number): void;
  conversationDone(conversation: {
    readonly label: string;
    readonly added: number;
    readonly head: number;
  }): void;
  /** Something was passed over or changed; one sentence. */
  problem(sentence: string): void;
}

/** What becomes of a person's `sub`, by which their tokens are known (docs/import.md). */
export type SubjectRule = 'id' | 'email' | 'handle';

export interface Run extends Patience {
  readonly export: SlackExport;
  readonly organization: Organization;
  readonly stores: ImportStores;
  readonly subjectRule: SubjectRule;
  /** Leaves out whatever not everybody may read. */
  readonly publicOnly: boolean;
  readonly clock: Clock;
  readonly observer: ImportObserver;
  readonly tally: Tally;
  /** Appends of one log under way at once. */
  readonly window: number;
}
