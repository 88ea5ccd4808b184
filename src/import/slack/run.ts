/** What every step of one import run shares. */
import type { ChannelStore, MembershipStore } from '../../chat/channels/port.ts';
import type { Clock } from '../../chat/clock.ts';
import type { MessageEntry } from '../../chat/log/entries.ts';
import type { Log } from '../../chat/log/log.ts';
import type { Organization, UserStore } from '../../chat/people/port.ts';
import type { ExportFolder } from './export-folder.ts';
import type { Patience } from './patience.ts';
import type { Tally } from './tally.ts';

/** Where an import writes. */
export interface ImportStores {
  readonly users: UserStore;
  readonly channels: ChannelStore;
  readonly memberships: MembershipStore;
  readonly messages: Log<MessageEntry>;
}

/** Told how the run goes; must not throw. */
export interface ImportObserver {
  /** Before the first channel. `dayFiles` over all channels. */
  started(totals: { readonly channels: number; readonly dayFiles: number }): void;
  dayFileDone(): void;
  messagesSaved(count: number): void;
  channelDone(channel: { readonly handle: string; readonly added: number; readonly head: number }): void;
  /** Something was passed over or changed; one sentence. */
  problem(sentence: string): void;
}

/** What becomes of a person's `sub`, by which their tokens are known (docs/import.md). */
export type SubjectRule = 'id' | 'email' | 'handle';

export interface Run extends Patience {
  readonly export: ExportFolder;
  readonly organization: Organization;
  readonly stores: ImportStores;
  readonly subjectRule: SubjectRule;
  readonly clock: Clock;
  readonly observer: ImportObserver;
  readonly tally: Tally;
  /** Appends of one channel under way at once. */
  readonly window: number;
}
