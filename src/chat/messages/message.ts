/** A message as the domain hands it out: its row in the log, and which channel's log that is. */
import type { MessageEntry } from '../log/entries.ts';
import type { LogRow } from '../log/port.ts';

export interface Message {
  readonly channelId: string;
  readonly row: LogRow<MessageEntry>;
}

/** Names a message. */
export interface MessageRef {
  readonly channelId: string;
  readonly seq: number;
}
