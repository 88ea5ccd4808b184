/**
 * Identifiers that an import derives instead of drawing, so that running it again names the same things the same:
 * UUIDv8 (RFC 9562 section 5.8) over SHA-256. The organization is part of every name, so that two organizations
 * may import the same export.
 */
import { uuidv8 } from '../../chat/ids.ts';

/** Id of the channel that a Slack channel becomes in an organization. */
export const channelIdOf = (organizationId: string, slackChannelId: string): string =>
  uuidv8('backscroll slack channel', organizationId, slackChannelId);

/**
 * Names the send of one part of a Slack message in its channel.
 * @param part from 1; only texts over the limit have more than one.
 */
export const clientMessageIdOf = (channelId: string, ts: string, part: number): string =>
  uuidv8('backscroll slack message', channelId, ts, String(part));

/**
 * Names a change that an import makes of a message.
 * @param clientMessageId names the message's send.
 * @param what its kind, and what tells it from others of the kind.
 */
export const clientChangeIdOf = (clientMessageId: string, ...what: readonly string[]): string =>
  uuidv8('backscroll slack change', clientMessageId, ...what);
