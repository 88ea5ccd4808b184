/** Where channels end, by one call for each of the two logs. */
import type { ChannelKey } from '../../chat/log/port.ts';
import type { Logs } from './merged-reader.ts';
import type { Position } from './position.ts';

/** In the order asked. Throws what the logs throw. */
export async function readHeads(logs: Logs, channels: readonly ChannelKey[]): Promise<readonly Position[]> {
  if (channels.length === 0) return [];
  const [seqs, revs] = await Promise.all([logs.messages.heads(channels), logs.changes.heads(channels)]);
  return channels.map((_, i) => ({ seq: seqs[i] ?? 0, rev: revs[i] ?? 0 }));
}
