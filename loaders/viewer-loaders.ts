/** What differs from viewer to viewer: never shared between them, but asked for at once for those of one organization. */
import type { ReadableChannel } from '../src/chat/channels/access.ts';
import type { Membership } from '../src/chat/channels/port.ts';
import type { Chat } from '../src/chat/chat.ts';
import type { Reaction } from '../src/chat/messages/reaction.ts';
import type { Notification } from '../src/chat/notifications/port.ts';
import type { KnownLoader, Loader } from './batch.ts';
import { readableLoader } from './channels.ts';
import { membershipsLoader, placesLoader } from './memberships.ts';
import { mentionsLoader } from './mentions.ts';
import { notificationsLoader } from './notifications.ts';
import { toldByMessage } from './questions.ts';
import { reactedLoader } from './reactions.ts';
import type { TenantLoaders } from './tenant-loaders.ts';
import type { Who } from './who.ts';

export interface ViewerLoaders {
  /** Channels that a client named: null alike for none and for one the viewer may not read. */
  readonly readable: Loader<string, ReadableChannel | null>;
  /** The viewer's own, by channel id. */
  readonly viewerMemberships: KnownLoader<string, Membership | null>;
  /** The viewer's own, by their ids. */
  readonly memberships: Loader<string, Membership | null>;
  /** Unread messages that name the viewer, by channel id. */
  readonly mentions: Loader<string, number>;
  /** The viewer's own, by their ids. */
  readonly notifications: Loader<string, Notification | null>;
  /** Whether the viewer reacted so. */
  readonly viewerReacted: KnownLoader<Reaction, boolean>;
  /** Forgets what was loaded. */
  clear(): void;
}

/** What many viewers of one organization ask for within a tick, for one store call each; made when it is asked for. */
export class Crowd {
  readonly #chat: Chat;
  #places?: ReturnType<typeof placesLoader>;
  #mentions?: ReturnType<typeof mentionsLoader>;
  #reacted?: ReturnType<typeof reactedLoader>;

  constructor(chat: Chat) {
    this.#chat = chat;
  }

  get places() {
    this.#places ??= placesLoader(this.#chat);
    return this.#places;
  }

  get mentions() {
    this.#mentions ??= mentionsLoader(this.#chat);
    return this.#mentions;
  }

  get reacted() {
    this.#reacted ??= reactedLoader(this.#chat);
    return this.#reacted;
  }

  clear(): void {
    this.#places?.clearAll();
    this.#mentions?.clearAll();
    this.#reacted?.clearAll();
  }
}

export const makeCrowd = (chat: Chat): Crowd => new Crowd(chat);

class OfOne implements ViewerLoaders {
  readonly #chat: Chat;
  readonly #who: Who;
  readonly #tenant: TenantLoaders;
  readonly #crowd: Crowd;
  #readable?: ReturnType<typeof readableLoader>;
  #memberships?: ReturnType<typeof membershipsLoader>;
  #notifications?: ReturnType<typeof notificationsLoader>;
  #viewerMemberships?: KnownLoader<string, Membership | null>;
  #mentions?: Loader<string, number>;
  #viewerReacted?: KnownLoader<Reaction, boolean>;

  constructor(chat: Chat, who: Who, tenant: TenantLoaders, crowd: Crowd) {
    this.#chat = chat;
    this.#who = who;
    this.#tenant = tenant;
    this.#crowd = crowd;
  }

  get readable() {
    this.#readable ??= readableLoader(this.#chat, this.#who, ({ channel, membership }) => {
      this.#tenant.channels.prime(channel.id, channel);
      this.viewerMemberships.prime(channel.id, membership);
    });
    return this.#readable;
  }

  get memberships() {
    this.#memberships ??= membershipsLoader(this.#chat, this.#who);
    return this.#memberships;
  }

  get notifications() {
    this.#notifications ??= notificationsLoader(this.#chat, this.#who);
    return this.#notifications;
  }

  get viewerMemberships() {
    const who = this.#who;
    const { places } = this.#crowd;
    this.#viewerMemberships ??= {
      peek: (channelId) => places.peek({ viewer: who(), channelId }),
      load: (channelId) => places.load({ viewer: who(), channelId }),
      prime: (channelId, membership) => places.prime({ viewer: who(), channelId }, membership),
      clearAll: () => places.clearAll(),
    };
    return this.#viewerMemberships;
  }

  get mentions() {
    const who = this.#who;
    const { mentions } = this.#crowd;
    this.#mentions ??= {
      load: (channelId) => mentions.load({ viewer: who(), channelId }),
      prime: (channelId, count) => mentions.prime({ viewer: who(), channelId }, count),
      clearAll: () => mentions.clearAll(),
    };
    return this.#mentions;
  }

  get viewerReacted() {
    const who = this.#who;
    const { reacted } = this.#crowd;
    this.#viewerReacted ??= {
      peek(reaction) {
        const viewer = who();
        return toldByMessage(reaction, viewer.userId) ?? reacted.peek({ viewer, reaction });
      },
      load: (reaction) => reacted.load({ viewer: who(), reaction }),
      prime: (reaction, hasReacted) => reacted.prime({ viewer: who(), reaction }, hasReacted),
      clearAll: () => reacted.clearAll(),
    };
    return this.#viewerReacted;
  }

  clear(): void {
    this.#readable?.clearAll();
    this.#memberships?.clearAll();
    this.#notifications?.clearAll();
    this.#crowd.clear();
  }
}

/** One viewer's part of a crowd; or a crowd of one. Each loader is made when it is first asked for. */
export const makeViewerLoaders = (
  chat: Chat,
  who: Who,
  tenant: TenantLoaders,
  crowd: Crowd = makeCrowd(chat),
): ViewerLoaders => new OfOne(chat, who, tenant, crowd);
