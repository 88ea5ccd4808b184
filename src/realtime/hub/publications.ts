/** What other replicas publish of a channel, checked and handed to it. */
import type { Signal } from '../../chat/live/port.ts';
import { channelPublication, isFrom } from '../publication.ts';
import type { HubChannel } from './channel.ts';
import { change, message } from './item.ts';
import type { Logs } from './logs.ts';

export interface Heard {
  readonly replicaId: string;
  readonly logs: Logs;
  readonly channel: HubChannel;
  readonly onThreadMoved: (rootSeq: number) => void;
  readonly onTyping: (userId: string) => void;
  readonly onSignal: (signal: Signal) => void;
}

/** False for a wrong shape, that of a newer version too: something happened, and the logs say what. */
export function hear(payload: unknown, heard: Heard): boolean {
  const { replicaId, logs, channel } = heard;
  if (isFrom(replicaId, payload)) return true;
  const parsed = channelPublication.safeParse(payload);
  if (!parsed.success) return false;
  const publication = parsed.data;
  switch (publication.log) {
    case 'MESSAGES':
      for (const row of publication.rows) {
        logs.messages.observe(channel.key, row);
        channel.accept(message(row));
      }
      return true;
    case 'CHANGES':
      for (const row of publication.rows) {
        logs.changes.observe(channel.key, row);
        channel.accept(change(row));
      }
      return true;
    case 'HEADS':
      channel.exists(publication);
      return true;
    case 'THREAD':
      heard.onThreadMoved(publication.rootSeq);
      return true;
    case 'TYPING':
      heard.onTyping(publication.userId);
      return true;
    case 'SIGNAL':
      heard.onSignal(publication.signal);
      return true;
  }
}
