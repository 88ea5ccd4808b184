/**
 * The names of the types and the domain's values behind them. Types refer to each other in circles; they all refer
 * to this file instead of to one another's.
 */
import type { Channel, Membership } from '../src/chat/channels/port.ts';
import type { LiveEvent } from '../src/chat/live/port.ts';
import type { StoredMention } from '../src/chat/log/entries.ts';
import type { Message } from '../src/chat/messages/message.ts';
import type { Reaction } from '../src/chat/messages/reaction.ts';
import type { Notification } from '../src/chat/notifications/port.ts';
import type { Organization, User } from '../src/chat/people/port.ts';
import type { Viewer } from '../src/chat/viewer.ts';
import { builder } from './builder.ts';

export const OrganizationRef = builder.objectRef<Organization>('Organization');
export const UserRef = builder.objectRef<User>('User');
export const ViewerRef = builder.objectRef<Viewer>('Viewer');
export const ChannelRef = builder.objectRef<Channel>('Channel');
export const ChannelMemberRef = builder.objectRef<Membership>('ChannelMember');
export const MembershipRef = builder.objectRef<Membership>('Membership');
export const MessageRef = builder.objectRef<Message>('Message');
export const ReactionRef = builder.objectRef<Reaction>('Reaction');
export const MentionRef = builder.objectRef<StoredMention>('Mention');
export const NotificationRef = builder.objectRef<Notification>('Notification');
export const EventRef = builder.interfaceRef<LiveEvent>('Event');

/** The value behind the event type of this name. */
export type EventOf<Type extends LiveEvent['type']> = LiveEvent & { readonly type: Type };
