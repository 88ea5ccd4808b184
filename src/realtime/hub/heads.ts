/** Where channels end, by calls to each of the two logs that are small enough to be answered in time. */
import type { ChannelKey } from '../../chat/log/port.ts';
import type { Logs } from './logs.ts';
import type { Position } from './position.ts';

/** The items in rounds of at most `most`, in order. */
export function* rounds<T>(items: readonly T[], most: number): Generator<readonly T[]> {
  for (let i = 0; i < items.length; i += most) yield items.slice(i, i + most);
}

/** In the order asked; any number of channels, round after round. Throws what the logs throw. */
export async function readAllHeads(
  logs: Logs,
  channels: readonly ChannelKey[],
  perCall: number,
): Promise<readonly Position[]> {
  const heads: Position[] = [];
  for (const some of rounds(channels, perCall)) heads.push(...(await readHeads(logs, some)));
  return heads;
}

/** In the order asked, in one call for each log: of one round. Throws what the logs throw. */
export async function readHeads(logs: Logs, channels: readonly ChannelKey[]): Promise<readonly Position[]> {
  if (channels.length === 0) return [];
  // In this order: a change up to the rev is then of messages up to the seq, and no message that comes after this place
  // was changed before it.
  const revs = await logs.changes.heads(channels);
  const seqs = await logs.messages.heads(channels);
  return channels.map((_, i) => ({ seq: seqs[i] ?? 0, rev: revs[i] ?? 0 }));
}
