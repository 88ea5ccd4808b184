/** The subscriptions of this replica, by user, and the bus topic of each user who has one. */
import type { z } from 'zod';
import { unauthenticated } from '../../chat/errors.ts';
import { notificationId, type Told } from '../../chat/notifications/port.ts';
import { ShutOutLately } from '../../chat/people/shut-out-lately.ts';
import type { BusSubscription } from '../bus.ts';
import { alertPublication, isFrom, membershipPublication } from '../publication.ts';
import type { MembershipChange } from '../publisher.ts';
import type { Revocation } from '../revocation.ts';
import { type UserKey, userName, userTopic } from '../topic-names.ts';
import type { Topics } from '../topics.ts';
import type { Session } from './session.ts';

const shutOut = () => unauthenticated('This person has been shut out.');

interface User {
  /** Replaced and never changed. Usually one: a list as long as it must be is less than a set. */
  sessions: readonly Session[];
  readonly topic: BusSubscription;
}

export class SessionRegistry {
  readonly #topics: Topics;
  readonly #replicaId: string;
  readonly #users = new Map<string, User>();
  readonly #shutOut = new ShutOutLately();
  #rejected = 0;

  constructor(topics: Topics, replicaId: string) {
    this.#topics = topics;
    this.#replicaId = replicaId;
  }

  /** How many subscriptions there are. */
  get size(): number {
    return this.#users.values().reduce((sum, { sessions }) => sum + sessions.length, 0);
  }

  get users(): number {
    return this.#users.size;
  }

  /** Publications dropped because of their shape. */
  get rejected(): number {
    return this.#rejected;
  }

  /** Throws UNAUTHENTICATED for whoever was shut out since they were looked up. */
  admit(key: UserKey): void {
    if (this.#shutOut.has(key)) throw shutOut();
  }

  /** From now on the session hears of its user; the promise resolves once other replicas are heard too. */
  add(key: UserKey, session: Session): Promise<void> {
    const user = this.#users.get(userName(key)) ?? this.#open(key);
    user.sessions = user.sessions.concat(session);
    return user.topic.joined;
  }

  remove(key: UserKey, session: Session): void {
    const user = this.#users.get(userName(key));
    if (!user?.sessions.includes(session)) return;
    user.sessions = user.sessions.filter((other) => other !== session);
    if (user.sessions.length > 0) return;
    this.#users.delete(userName(key));
    user.topic.leave();
  }

  of(key: UserKey): readonly Session[] {
    return this.#users.get(userName(key))?.sessions ?? [];
  }

  all(): readonly Session[] {
    return [...this.#users.values()].flatMap(({ sessions }) => sessions);
  }

  membershipChanged(change: MembershipChange): void {
    for (const session of this.of(change)) session.membershipChanged(change);
  }

  notified(told: Told): void {
    for (const session of this.of(told.notification)) session.notified(told);
  }

  /** Cuts all before it returns; resolves when nothing is on its way to a socket. */
  async cut(revocation: Revocation): Promise<void> {
    const sessions = this.of(revocation);
    if (revocation.channelId !== null) {
      await Promise.all(sessions.map((session) => session.cut(revocation)));
      return;
    }
    this.#shutOut.add(revocation);
    for (const session of sessions) session.end(shutOut());
  }

  #open(key: UserKey): User {
    const topic = this.#topics.join(userTopic(key), (payload) => this.#hear(key, payload));
    const user: User = { sessions: [], topic };
    this.#users.set(userName(key), user);
    // Once for all of the user's sessions, which come and go while the bus is down.
    void topic.joined.then(() => {
      for (const session of user.sessions) session.joined();
    });
    return user;
  }

  #hear(key: UserKey, payload: unknown): void {
    if (isFrom(this.#replicaId, payload)) return;
    const alert = alertPublication.safeParse(payload);
    if (alert.success) {
      this.notified(toldOf(key, alert.data.alert));
      return;
    }
    const parsed = membershipPublication.safeParse(payload);
    if (!parsed.success) {
      this.#rejected += 1;
      for (const session of this.of(key)) session.reconcile();
      return;
    }
    const { channelId, membershipId, isNew } = parsed.data;
    this.membershipChanged({ ...key, channelId, membershipId, isNew });
  }
}

function toldOf(
  key: UserKey,
  { channelId, seq, reason, at, membershipId, parentId }: z.infer<typeof alertPublication>['alert'],
): Told {
  const id = notificationId(key.userId, channelId, seq);
  const notification = { ...key, id, channelId, seq, reason, createdAt: new Date(at) };
  return { notification, membershipId, isMuted: false, parentId };
}
