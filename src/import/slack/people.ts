/**
 * The people of an export as users of the organization. Everybody in users.json is provisioned before the first
 * message; authors who are not in it (guests of other workspaces, old bots) are provisioned when they first write.
 */
import type { User, UserStore } from '../../chat/people/port.ts';
import { handleFrom, nameFrom } from './handles.ts';
import { inParallel } from './in-parallel.ts';
import { patiently } from './patience.ts';
import type { Run } from './run.ts';
import { type SlackMessage, type SlackUser, slackUser } from './shapes.ts';
import { listsNamed, readList, UnreadableFile } from './source/export.ts';

export interface Person {
  readonly id: string;
  readonly handle: string;
  readonly isDeactivated: boolean;
}

/** Strangers beyond this share one account: an account for each would be the export's to decide, not ours. */
const MOST_STRANGERS = 10_000;
const PROVISIONED_AT_ONCE = 8;
/** Key of the one account for messages that name no author. */
const NOBODY = 'unknown';

export class People {
  readonly #run: Run;
  readonly #listed = new Map<string, Person>();
  /** Further ids of people in a Grid, who have one in the organization and one in each workspace. */
  readonly #sameAs = new Map<string, string>();
  /** Addresses and handles that are somebody's `sub` already. */
  readonly #subjects = new Set<string>();
  readonly #strangers = new Map<string, Promise<Person>>();

  constructor(run: Run) {
    this.#run = run;
  }

  /**
   * Provisions everybody who is listed: in a Grid by the organization and by each workspace, once each. Throws
   * UnreadableFile when a list cannot be read: nobody in it would have a name.
   */
  async provisionListed(): Promise<void> {
    const users = new Map<string, SlackUser>();
    for (const name of ['org_users.json', 'users.json'] as const) {
      for (const { path } of listsNamed(this.#run.export, name)) await this.#readUsers(path, users);
    }
    await inParallel([...users.values()], PROVISIONED_AT_ONCE, async (user) => {
      if (this.#run.signal.aborted) return;
      this.#listed.set(user.id, await this.#provision(user));
    });
  }

  async #readUsers(path: string, users: Map<string, SlackUser>): Promise<void> {
    let found = 0;
    let usable = 0;
    for await (const raw of readList(this.#run.export, path)) {
      found += 1;
      const user = slackUser.safeParse(raw).data;
      if (user === undefined) continue;
      usable += 1;
      if (users.has(user.id)) continue;
      const ofOrganization = user.enterprise_user?.id ?? user.id;
      const same = users.has(ofOrganization) ? ofOrganization : this.#sameAs.get(ofOrganization);
      if (same !== undefined) this.#sameAs.set(user.id, same);
      else {
        users.set(user.id, user);
        if (ofOrganization !== user.id) this.#sameAs.set(ofOrganization, user.id);
      }
    }
    this.#run.tally.add('badPeople', found - usable);
    if (found > 0 && usable === 0) throw new UnreadableFile(path, 'holds no people');
  }

  /** Of a user id in users.json. */
  listed(slackUserId: string): Person | null {
    return this.#listed.get(this.#sameAs.get(slackUserId) ?? slackUserId) ?? null;
  }

  /** Who wrote a message; `isListed` false when that is somebody made up from what the message says. */
  async authorOf(message: SlackMessage): Promise<{ readonly person: Person; readonly isListed: boolean }> {
    const listed = message.user ? this.listed(message.user) : null;
    if (listed !== null) return { person: listed, isListed: true };
    return this.#strangerOf(message.user || message.bot_id || '', message);
  }

  /** By a user id alone, as reactions and members have it; somebody is made up when nobody has it. */
  async byId(slackUserId: string): Promise<Person> {
    return this.listed(slackUserId) ?? (await this.#strangerOf(slackUserId, null)).person;
  }

  async #strangerOf(
    slackId: string,
    message: SlackMessage | null,
  ): Promise<{ readonly person: Person; readonly isListed: boolean }> {
    const isOneTooMany = this.#strangers.size >= MOST_STRANGERS && !this.#strangers.has(slackId);
    const key = (isOneTooMany ? '' : slackId) || NOBODY;
    const made = this.#strangers.get(key) ?? this.#stranger(key, key === NOBODY ? null : message);
    this.#strangers.set(key, made);
    return { person: await made, isListed: false };
  }

  async #provision(user: SlackUser): Promise<Person> {
    const { organization, stores } = this.#run;
    const isDeleted = user.deleted === true;
    const handle = handleFrom(
      user.name ?? user.profile?.display_name ?? '',
      handleFrom(user.id, 'slack-user'),
    );
    const avatar = user.profile?.image_192 ?? user.profile?.image_72 ?? null;
    const made = await this.#user({
      subject: this.#subjectOf(user, handle, isDeleted),
      handle,
      name: nameFrom(user.profile?.real_name, user.real_name, user.profile?.display_name, user.name, user.id),
      avatarUrl: avatar !== null && /^https:\/\/.{1,1000}$/.test(avatar) ? avatar : null,
      isBot: user.is_bot === true || user.id === 'USLACKBOT',
    });
    if (!isDeleted || made.deactivatedAt !== null) return personOf(made);
    const gone = await patiently(this.#run, () => stores.users.deactivate(organization.id, made.handle));
    return personOf(gone ?? made);
  }

  /**
   * A person who was deleted in Slack always has Slack's own subject: deactivating them can then never shut out
   * somebody who is here under the same address or handle. Nor do two people of the export become one because their
   * names look alike here.
   */
  #subjectOf(user: SlackUser, handle: string, isDeleted: boolean): string {
    const { subjectRule } = this.#run;
    const email = user.profile?.email?.trim().toLowerCase() ?? '';
    const wish = subjectRule === 'email' ? email : subjectRule === 'handle' ? handle : '';
    const isOwn = wish !== '' && !this.#subjects.has(wish) && !isDeleted && user.is_bot !== true;
    if (!isOwn) return slackSubject(user.id);
    this.#subjects.add(wish);
    return wish;
  }

  async #stranger(key: string, message: SlackMessage | null): Promise<Person> {
    const profile = message?.user_profile;
    const isBot = key === NOBODY || (message !== null && !message.user);
    const wish =
      profile?.name ?? profile?.display_name ?? message?.username ?? message?.bot_profile?.name ?? '';
    const names = [profile?.real_name, profile?.display_name, message?.username, message?.bot_profile?.name];
    const made = await this.#user({
      subject: slackSubject(key),
      handle: handleFrom(wish, handleFrom(`slack-${key}`, 'slack-unknown')),
      name: nameFrom(...names, key === NOBODY ? 'Unknown (Slack)' : key),
      isBot,
    });
    return personOf(made);
  }

  /** The user of this subject, counted when it is new. */
  #user(input: Omit<Parameters<UserStore['provision']>[0], 'organizationId'>): Promise<User> {
    const { organization, stores, tally } = this.#run;
    return patiently(this.#run, async () => {
      const known = await stores.users.bySubject(organization.id, input.subject);
      if (known !== null) return known;
      const made = await stores.users.provision({ organizationId: organization.id, ...input });
      tally.add('people');
      return made;
    });
  }
}

const slackSubject = (slackId: string): string => `slack:${slackId}`;

const personOf = (user: User): Person => ({
  id: user.id,
  handle: user.handle,
  isDeactivated: user.deactivatedAt !== null,
});
