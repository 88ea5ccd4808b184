/**
 * What is the same for every viewer of an organization: an event is rendered once for all with nothing else. Each loader
 * is made when it is first asked for: most requests use one or two of these.
 */
import type { Chat } from '../src/chat/chat.ts';
import { channelsLoader } from './channels.ts';
import { headsLoader, revsLoader } from './heads.ts';
import { memberCountsLoader, memberIdsLoader } from './members.ts';
import { messagesLoader } from './messages.ts';
import { organizationsLoader } from './organizations.ts';
import { presencesLoader } from './presences.ts';
import { reactorsLoader } from './reactions.ts';
import { usersLoader } from './users.ts';
import type { Who } from './who.ts';

export interface TenantLoaders {
  readonly organizations: ReturnType<typeof organizationsLoader>;
  readonly users: ReturnType<typeof usersLoader>;
  readonly presences: ReturnType<typeof presencesLoader>;
  readonly channels: ReturnType<typeof channelsLoader>;
  readonly memberCounts: ReturnType<typeof memberCountsLoader>;
  readonly memberIds: ReturnType<typeof memberIdsLoader>;
  readonly heads: ReturnType<typeof headsLoader>;
  readonly revs: ReturnType<typeof revsLoader>;
  readonly messages: ReturnType<typeof messagesLoader>;
  readonly reactors: ReturnType<typeof reactorsLoader>;
  /** Forgets what was loaded; the floors under heads stay. */
  clear(): void;
}

class MadeOnDemand implements TenantLoaders {
  readonly #chat: Chat;
  readonly #who: Who;
  #organizations?: ReturnType<typeof organizationsLoader>;
  #users?: ReturnType<typeof usersLoader>;
  #presences?: ReturnType<typeof presencesLoader>;
  #channels?: ReturnType<typeof channelsLoader>;
  #memberCounts?: ReturnType<typeof memberCountsLoader>;
  #memberIds?: ReturnType<typeof memberIdsLoader>;
  #heads?: ReturnType<typeof headsLoader>;
  #revs?: ReturnType<typeof revsLoader>;
  #messages?: ReturnType<typeof messagesLoader>;
  #reactors?: ReturnType<typeof reactorsLoader>;

  constructor(chat: Chat, who: Who) {
    this.#chat = chat;
    this.#who = who;
  }

  get organizations() {
    this.#organizations ??= organizationsLoader(this.#chat, this.#who);
    return this.#organizations;
  }

  get users() {
    this.#users ??= usersLoader(this.#chat, this.#who);
    return this.#users;
  }

  get presences() {
    this.#presences ??= presencesLoader(this.#chat, this.#who);
    return this.#presences;
  }

  get channels() {
    this.#channels ??= channelsLoader(this.#chat, this.#who);
    return this.#channels;
  }

  get memberCounts() {
    this.#memberCounts ??= memberCountsLoader(this.#chat, this.#who);
    return this.#memberCounts;
  }

  get memberIds() {
    this.#memberIds ??= memberIdsLoader(this.#chat, this.#who);
    return this.#memberIds;
  }

  get heads() {
    this.#heads ??= headsLoader(this.#chat, this.#who);
    return this.#heads;
  }

  get revs() {
    this.#revs ??= revsLoader(this.#chat, this.#who);
    return this.#revs;
  }

  get messages() {
    this.#messages ??= messagesLoader(this.#chat, this.#who);
    return this.#messages;
  }

  get reactors() {
    this.#reactors ??= reactorsLoader(this.#chat, this.#who);
    return this.#reactors;
  }

  clear(): void {
    this.#organizations?.clearAll();
    this.#users?.clearAll();
    this.#presences?.clearAll();
    this.#channels?.clearAll();
    this.#memberCounts?.clearAll();
    this.#memberIds?.clearAll();
    this.#heads?.clear();
    this.#revs?.clearAll();
    this.#messages?.clearAll();
    this.#reactors?.clearAll();
  }
}

/** @param who throws UNAUTHENTICATED when nobody is signed in: then every load does. */
export const makeTenantLoaders = (chat: Chat, who: Who): TenantLoaders => new MadeOnDemand(chat, who);
