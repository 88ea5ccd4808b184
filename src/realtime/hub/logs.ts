/** The two logs of channels, as far as the hub and replays read them. */
import type { ChangeEntry, MessageEntry } from '../../chat/log/entries.ts';
import type { Log } from '../../chat/log/log.ts';

export interface Logs {
  readonly messages: Pick<Log<MessageEntry>, 'heads' | 'range' | 'rows' | 'observe'>;
  readonly changes: Pick<Log<ChangeEntry>, 'heads' | 'range' | 'observe'>;
}
