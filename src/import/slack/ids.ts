/**
 * Identifiers that an import derives instead of drawing, so that running it again names the same things the same:
 * UUIDv8 (RFC 9562 section 5.8) over SHA-256. The organization is part of every name, so that two organizations
 * may import the same export.
 */
import { createHash } from 'node:crypto';

function uuidv8(...name: readonly string[]): string {
  const bytes = createHash('sha256').update(name.join('\n')).digest().subarray(0, 16);
  bytes[6] = (bytes.readUInt8(6) & 0x0f) | 0x80;
  bytes[8] = (bytes.readUInt8(8) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Id of the channel that a Slack channel becomes in an organization. */
export const channelIdOf = (organizationId: string, slackChannelId: string): string =>
  uuidv8('backscroll slack channel', organizationId, slackChannelId);

/**
 * Names the send of one part of a Slack message in its channel.
 * @param part from 1; only texts over the limit have more than one.
 */
export const clientMessageIdOf = (channelId: string, ts: string, part: number): string =>
  uuidv8('backscroll slack message', channelId, ts, String(part));
