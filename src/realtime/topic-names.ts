/** What each topic is called; the installation's prefix is put before it by the bus. */
import type { ChannelKey } from '../chat/log/port.ts';

export interface UserKey {
  readonly organizationId: string;
  readonly userId: string;
}

/** What was saved in one channel. */
export const channelTopic = (key: ChannelKey): string => `channel:${channelName(key)}`;
/** What concerns one user's own memberships. */
export const userTopic = (key: UserKey): string => `user:${userName(key)}`;
/** Whether one person is there, for whoever watches them; by their `userName`. */
export const presenceTopicOf = (name: string): string => `presence:${name}`;
/** What people said of all their connections, heard by every replica. */
export const presenceSaidTopic = 'presence-said';
/** Every replica's heartbeats. */
export const beatTopic = 'beat';
/** Revocations, heard by every edge whether or not the user is connected there. */
export const revocationTopic = 'revocation';
/** Sends that one replica is to append for others, and answers to those it has asked itself. */
export const appendsTopic = (replicaId: string): string => `appends:${replicaId}`;
/** Renewals of connections that one replica holds, and answers to those it has asked itself. */
export const connectionsTopic = (replicaId: string): string => `connections:${replicaId}`;
/** Answers to one replica. */
export const inboxTopic = (replicaId: string): string => `inbox:${replicaId}`;

/** Keys of maps: organization first, so that tenants never share one. */
export const channelName = (key: ChannelKey): string => `${key.organizationId}:${key.channelId}`;
export const userName = (key: UserKey): string => `${key.organizationId}:${key.userId}`;
