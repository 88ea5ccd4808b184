/**
 * The people of an export as users of the organization. Everybody in users.json is provisioned before the first
 * message; authors who are not in it (guests of other workspaces, old bots) are provisioned when they first write.
 */
import type { User } from '../../chat/people/port.ts';
import { readList, UnreadableFile } from './export-folder.ts';
import { handleFrom, nameFrom } from './handles.ts';
import { inParallel } from './in-parallel.ts';
import { patiently } from './patience.ts';
import type { Run } from './run.ts';
import { type SlackMessage, type SlackUser, slackUser } from './shapes.ts';

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
  readonly #strangers = new Map<string, Promise<Person>>();

  constructor(run: Run) {
    this.#run = run;
  }

  /** Provisions everybody in users.json. Throws UnreadableFile when it cannot be read: nobody would have a name. */
  async provisionListed(): Promise<void> {
    const list = await readList(this.#run.export, 'users.json');
    const users = list.flatMap((raw) => slackUser.safeParse(raw).data ?? []);
    this.#run.tally.add('badPeople', list.length - users.length);
    if (list.length > 0 && users.length === 0) throw new UnreadableFile('users.json', 'holds no people');
    await inParallel(users, PROVISIONED_AT_ONCE, async (user) => {
      if (this.#run.signal.aborted) return;
      this.#listed.set(user.id, await this.#provision(user));
      this.#run.tally.add('people');
    });
  }

  /** Of a user id in users.json. */
  listed(slackUserId: string): Person | null {
    return this.#listed.get(slackUserId) ?? null;
  }

  /** Who wrote a message; `isListed` false when that is somebody made up from what the message says. */
  async authorOf(message: SlackMessage): Promise<{ readonly person: Person; readonly isListed: boolean }> {
    const listed = message.user ? this.listed(message.user) : null;
    if (listed !== null) return { person: listed, isListed: true };
    const isOneTooMany = this.#strangers.size >= MOST_STRANGERS;
    const key = (isOneTooMany ? '' : message.user || message.bot_id) || NOBODY;
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
    const made = await patiently(this.#run, () =>
      stores.users.provision({
        organizationId: organization.id,
        subject: this.#subjectOf(user, handle, isDeleted),
        handle,
        name: nameFrom(
          user.profile?.real_name,
          user.real_name,
          user.profile?.display_name,
          user.name,
          user.id,
        ),
        avatarUrl: avatar !== null && /^https:\/\/.{1,1000}$/.test(avatar) ? avatar : null,
        isBot: user.is_bot === true || user.id === 'USLACKBOT',
      }),
    );
    if (!isDeleted || made.deactivatedAt !== null) return personOf(made);
    const gone = await patiently(this.#run, () => stores.users.deactivate(organization.id, made.handle));
    return personOf(gone ?? made);
  }

  /**
   * A person who was deleted in Slack always has Slack's own subject: deactivating them can then never shut out
   * somebody who is here under the same address or handle.
   */
  #subjectOf(user: SlackUser, handle: string, isDeleted: boolean): string {
    const email = user.profile?.email?.trim().toLowerCase() ?? '';
    if (isDeleted || user.is_bot === true) return slackSubject(user.id);
    if (this.#run.subjectRule === 'email' && email !== '') return email;
    if (this.#run.subjectRule === 'handle') return handle;
    return slackSubject(user.id);
  }

  async #stranger(key: string, message: SlackMessage | null): Promise<Person> {
    const profile = message?.user_profile;
    const isBot = !message?.user;
    const wish =
      profile?.name ?? profile?.display_name ?? message?.username ?? message?.bot_profile?.name ?? '';
    const names = [profile?.real_name, profile?.display_name, message?.username, message?.bot_profile?.name];
    const made = await patiently(this.#run, () =>
      this.#run.stores.users.provision({
        organizationId: this.#run.organization.id,
        subject: slackSubject(key),
        handle: handleFrom(wish, handleFrom(`slack-${key}`, 'slack-unknown')),
        name: nameFrom(...names, key === NOBODY ? 'Unknown (Slack)' : key),
        isBot,
      }),
    );
    return personOf(made);
  }
}

const slackSubject = (slackId: string): string => `slack:${slackId}`;

const personOf = (user: User): Person => ({
  id: user.id,
  handle: user.handle,
  isDeactivated: user.deactivatedAt !== null,
});
