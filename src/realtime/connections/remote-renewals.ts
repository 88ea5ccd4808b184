/**
 * Renewals of connections that other replicas hold, and those that others ask of this one: a question on the holder's
 * topic, an answer on the asker's. Repeating one does no harm. A replica that is gone, and one that cannot be reached,
 * do not answer: the connection is taken for gone then, as one that never was.
 */
import type { Person } from '../../chat/connections/port.ts';
import { ChatError, notFound, unavailable } from '../../chat/errors.ts';
import type { Logger } from '../../chat/logger.ts';
import type { Bus, BusSubscription } from '../bus.ts';
import { connectionsTopic } from '../topic-names.ts';
import { type ConnectionAnswer, connectionWord, type Renewal, refusalCode } from './words.ts';

/** Renewals under way, in either direction; more are refused. */
const MOST = 1_024;

export interface RemoteRenewalsOptions {
  readonly bus: Bus;
  readonly replicaId: string;
  readonly logger: Logger;
  readonly answerMs: number;
  readonly renewHere: (connectionId: string, person: Person, token: string) => Promise<Date>;
}

interface Waiting {
  readonly on: string;
  readonly answered: PromiseWithResolvers<Date>;
  readonly deadline: NodeJS.Timeout;
}

export class RemoteRenewals {
  readonly #options: RemoteRenewalsOptions;
  readonly #subscription: BusSubscription;
  readonly #waiting = new Map<string, Waiting>();
  #asked = 0;
  #underWay = 0;
  #rejected = 0;
  #isClosed = false;

  constructor(options: RemoteRenewalsOptions) {
    this.#options = options;
    this.#subscription = options.bus.subscribe(connectionsTopic(options.replicaId), (said) =>
      this.#hear(said),
    );
  }

  get rejected(): number {
    return this.#rejected;
  }

  renew(on: string, asked: Omit<Renewal, 'kind' | 'from' | 'id'>): Promise<Date> {
    const { bus, replicaId, answerMs } = this.#options;
    // Nobody else is on a bus of this process alone.
    if (!bus.isShared) return Promise.reject(notFound('The connection'));
    if (this.#isClosed || this.#waiting.size >= MOST) return Promise.reject(unavailable('edge server'));
    const id = String(++this.#asked);
    const waiting: Waiting = {
      on,
      answered: Promise.withResolvers<Date>(),
      deadline: setTimeout(() => this.#refuse(id, notFound('The connection')), answerMs),
    };
    this.#waiting.set(id, waiting);
    bus
      .publish(connectionsTopic(on), { kind: 'RENEW', from: replicaId, id, ...asked })
      .catch((error: unknown) => this.#refuse(id, unavailable('edge server', error)));
    return waiting.answered.promise;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#subscription.leave();
    for (const id of [...this.#waiting.keys()]) this.#refuse(id, unavailable('edge server'));
  }

  #take(id: string): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    if (waiting !== undefined) clearTimeout(waiting.deadline);
    this.#waiting.delete(id);
    return waiting;
  }

  #refuse(id: string, error: ChatError): void {
    this.#take(id)?.answered.reject(error);
  }

  #hear(said: unknown): void {
    const parsed = connectionWord.safeParse(said);
    if (!parsed.success) {
      this.#rejected += 1;
      return;
    }
    if (this.#isClosed) return;
    const word = parsed.data;
    if (word.kind === 'RENEW') this.#serve(word);
    else if (this.#waiting.get(word.id)?.on === word.from) this.#answered(word);
  }

  #answered(word: ConnectionAnswer): void {
    if (word.kind === 'REFUSED') this.#refuse(word.id, new ChatError(word.code, word.message));
    else this.#take(word.id)?.answered.resolve(new Date(word.expiresAt));
  }

  #serve({ from, id, connectionId, organizationId, userId, token }: Renewal): void {
    if (this.#underWay >= MOST) return;
    this.#underWay += 1;
    this.#inTime(this.#options.renewHere(connectionId, { organizationId, userId }, token))
      .then(
        (expiresAt) => this.#say(from, { kind: 'RENEWED', id, expiresAt: expiresAt.getTime() }),
        (error: unknown) => this.#say(from, { kind: 'REFUSED', id, ...this.#refusalOf(error) }),
      )
      .finally(() => {
        this.#underWay -= 1;
      });
  }

  /** A database that is slow here must not look there like a connection that is gone. */
  async #inTime(renewed: Promise<Date>): Promise<Date> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(unavailable('database')), this.#options.answerMs / 2);
    try {
      return await Promise.race([renewed, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  #refusalOf(error: unknown): { code: string; message: string } {
    const known = error instanceof ChatError && refusalCode.safeParse(error.code).success ? error : null;
    if (known !== null) return { code: known.code, message: known.message };
    this.#options.logger.error({ err: error }, 'A connection could not be renewed for another replica.');
    const told = unavailable('edge server');
    return { code: told.code, message: told.message };
  }

  #say(to: string, word: object): void {
    const { bus, replicaId, logger } = this.#options;
    bus.publish(connectionsTopic(to), { ...word, from: replicaId }).catch((error: unknown) => {
      logger.debug({ err: error, replica: to }, 'The answer to a renewal could not be told.');
    });
  }
}
