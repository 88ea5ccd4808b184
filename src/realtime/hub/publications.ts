/** What other replicas publish of a channel, checked and handed to it. */
import { channelPublication, isFrom } from '../publication.ts';
import type { HubChannel } from './channel.ts';
import { change, message } from './item.ts';
import type { Logs } from './merged-reader.ts';

export interface Heard {
  readonly replicaId: string;
  readonly logs: Logs;
  readonly channel: HubChannel;
  readonly onThreadMoved: (rootSeq: number) => void;
}

/** False for a wrong shape, that of a newer version too: something happened, and the logs say what. */
export function hear(payload: unknown, { replicaId, logs, channel, onThreadMoved }: Heard): boolean {
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
      onThreadMoved(publication.rootSeq);
      return true;
  }
}
