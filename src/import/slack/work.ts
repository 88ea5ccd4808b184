/** What the steps of one conversation share. */
import type { ListedConversation } from './conversations.ts';
import type { People } from './people.ts';
import type { Progress } from './progress.ts';
import type { Run } from './run.ts';
import type { SlackPin } from './shapes.ts';
import type { Staging } from './staging.ts';
import type { Directory } from './text.ts';

export interface Work {
  readonly run: Run;
  readonly listed: ListedConversation;
  readonly staging: Staging;
  readonly people: People;
  readonly directory: Directory;
  readonly progress: Progress;
  /** What is pinned in it, by the key of its message. */
  readonly pins: ReadonlyMap<string, SlackPin>;
}
