/**
 * Lets one replica append to a channel for all that meet there. Who is appointed follows from the channel and from
 * the replicas heard lately (the highest hash wins), so that nobody has to be asked; replicas that disagree for a
 * moment are merely slower. A request and its answer are two words over the bus: TAKEN at once, so that a replica
 * that is gone is found out fast, and DONE with what its own log answered. Without either in time the asker appends
 * by itself, and leaves the silent one alone for a while.
 */
import { createHash } from 'node:crypto';
import type { AppendsForOthers, Appointed } from '../chat/log/appointed.ts';
import type { MessageEntry } from '../chat/log/entries.ts';
import type { Appended, Send } from '../chat/log/log.ts';
import type { ChannelKey } from '../chat/log/port.ts';
import type { Logger } from '../chat/logger.ts';
import { type AppendRequest, appendWord } from './append-words.ts';
import type { Bus, BusSubscription } from './bus.ts';
import { appendsTopic, channelName } from './topic-names.ts';

export interface AppointmentTimings {
  /** An appointed replica that lives says so within this, also on a machine that has too much to do. */
  readonly takenMs: number;
  /** And has the answers within this: longer than an append takes on a store under load. */
  readonly doneMs: number;
  /** One that did not is not asked for this long. */
  readonly avoidMs: number;
}

export const appointmentTimings: AppointmentTimings = { takenMs: 500, doneMs: 4_000, avoidMs: 2_000 };

/** Requests under way; further sends are appended here. */
const MOST_REQUESTS = 1_024;

type Answer = Appended<MessageEntry> | null;

interface Request {
  readonly to: string;
  readonly answered: PromiseWithResolvers<readonly Answer[]>;
  deadline: NodeJS.Timeout;
}

export interface AppointmentsOptions {
  readonly bus: Bus;
  readonly replicaId: string;
  /** Replicas heard lately, this one included. */
  replicas(): readonly string[];
  readonly logger: Logger;
  readonly timings?: Partial<AppointmentTimings>;
}

export interface Appointments extends Appointed<MessageEntry> {
  /** From now on this replica appends for others. */
  serve(log: AppendsForOthers<MessageEntry>): void;
  close(): Promise<void>;
}

export const createAppointments = (options: AppointmentsOptions): Appointments =>
  new BusAppointments(options);

class BusAppointments implements Appointments {
  readonly #options: AppointmentsOptions;
  readonly #timings: AppointmentTimings;
  readonly #requests = new Map<string, Request>();
  /** Until when each replica that was silent is left alone. */
  readonly #avoided = new Map<string, number>();
  readonly #subscription: BusSubscription;
  #log: AppendsForOthers<MessageEntry> | null = null;
  #made = 0;
  #isClosed = false;

  constructor(options: AppointmentsOptions) {
    this.#options = options;
    this.#timings = { ...appointmentTimings, ...options.timings };
    this.#subscription = options.bus.subscribe(appendsTopic(options.replicaId), (said) => this.#hear(said));
  }

  serve(log: AppendsForOthers<MessageEntry>): void {
    this.#log = log;
  }

  forward(channel: ChannelKey, sends: readonly Send<MessageEntry>[]): Promise<readonly Answer[]> | null {
    const { bus, replicaId } = this.#options;
    if (this.#isClosed || bus.state() !== 'UP' || this.#requests.size >= MOST_REQUESTS) return null;
    const to = this.#appointedFor(channel);
    return to === replicaId ? null : this.#ask(to, channel, sends);
  }

  isDeaf(): boolean {
    const { bus } = this.#options;
    return bus.isShared && bus.state() !== 'UP';
  }

  /** Nobody waits any more: what is under way elsewhere goes on there. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#subscription.leave();
    for (const id of [...this.#requests.keys()]) this.#settle(id, []);
  }

  #appointedFor(channel: ChannelKey): string {
    const now = performance.now();
    for (const [id, until] of this.#avoided) if (until <= now) this.#avoided.delete(id);
    let appointed = this.#options.replicaId;
    let highest = weight(appointed, channel);
    for (const id of this.#options.replicas()) {
      if (this.#avoided.has(id)) continue;
      const own = weight(id, channel);
      if (own > highest) [appointed, highest] = [id, own];
    }
    return appointed;
  }

  #ask(
    to: string,
    { organizationId, channelId }: ChannelKey,
    sends: readonly Send<MessageEntry>[],
  ): Promise<readonly Answer[]> {
    const { bus, replicaId } = this.#options;
    const id = String(++this.#made);
    const request: Request = {
      to,
      answered: Promise.withResolvers(),
      deadline: setTimeout(() => this.#giveUp(id), this.#timings.takenMs),
    };
    this.#requests.set(id, request);
    bus
      .publish(appendsTopic(to), { kind: 'APPEND', from: replicaId, id, organizationId, channelId, sends })
      .catch(() => this.#giveUp(id));
    return request.answered.promise;
  }

  #giveUp(id: string): void {
    const to = this.#requests.get(id)?.to;
    if (to === undefined) return;
    this.#avoided.set(to, performance.now() + this.#timings.avoidMs);
    this.#options.logger.debug({ replica: to }, 'A replica did not append for this one in time.');
    this.#settle(id, []);
  }

  #settle(id: string, answers: readonly Answer[]): void {
    const request = this.#requests.get(id);
    if (request === undefined) return;
    this.#requests.delete(id);
    clearTimeout(request.deadline);
    request.answered.resolve(answers);
  }

  #hear(said: unknown): void {
    const parsed = appendWord.safeParse(said);
    // Of a version that says it otherwise: whoever asked appends by itself.
    if (!parsed.success || this.#isClosed) return;
    const word = parsed.data;
    if (word.kind === 'APPEND') {
      this.#serve(word);
      return;
    }
    const request = this.#requests.get(word.id);
    if (request === undefined || request.to !== word.from) return;
    if (word.kind === 'DONE') {
      // It is ending, or has more waiting than it can take.
      if (word.answers.every((answer) => answer === null)) this.#giveUp(word.id);
      else this.#settle(word.id, word.answers);
      return;
    }
    clearTimeout(request.deadline);
    request.deadline = setTimeout(() => this.#giveUp(word.id), this.#timings.doneMs);
  }

  #serve({ from, id, organizationId, channelId, sends }: AppendRequest): void {
    const log = this.#log;
    if (log === null) return;
    const channel = { organizationId, channelId };
    this.#say(from, { kind: 'TAKEN', id });
    // In one go, so that they share an append. One that this replica cannot do is the asker's again.
    const answers = sends.map((send) => log.appendHere(channel, send).catch((): Answer => null));
    void Promise.all(answers).then((done) => this.#say(from, { kind: 'DONE', id, answers: done }));
  }

  #say(to: string, word: object): void {
    const { bus, replicaId, logger } = this.#options;
    bus.publish(appendsTopic(to), { ...word, from: replicaId }).catch((error: unknown) => {
      logger.debug(
        { err: error, replica: to },
        'What was appended for another replica could not be told it.',
      );
    });
  }
}

/** The same on every replica. */
const weight = (replicaId: string, channel: ChannelKey): string =>
  createHash('sha1')
    .update(`${channelName(channel)}:${replicaId}`)
    .digest('hex');
