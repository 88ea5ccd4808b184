/**
 * Alerts: what people who are connected hear of a message that concerns them. Kept nowhere: what is lost is still
 * unread. Messages that name nobody concern those who asked to be told of everything; they are looked up for all
 * channels together a few times a second, however many messages there are, and nothing is written for them.
 */
import type { Clock } from '../clock.ts';
import type { Publisher } from '../live/port.ts';
import type { ChannelKey } from '../log/port.ts';
import type { Logger } from '../logger.ts';
import type { Notice, NotificationStore, Told } from './port.ts';

/** Between two looks at who wants to be told of everything. */
const EVERY_MS = 200;
/** Messages of one look; more are told to nobody. */
const MOST_MESSAGES = 2_000;
/** Alerts that wait for their turn; a message to a channel of many thousands is told to no more than that. */
const MOST_ALERTS = 20_000;
/** Published in one turn of the event loop: requests must not wait for a thousand alerts (5 µs each, measured). */
const SLICE = 100;
/** A message that people are told of this late alerts nobody. */
const OLD_MS = 10 * 60_000;

type Said = ChannelKey & { readonly notice: Notice; readonly isToAll: boolean };

export interface AlertsOptions {
  readonly notifications: Pick<NotificationStore, 'audience'>;
  readonly publisher: Pick<Publisher, 'notified'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly everyMs?: number;
}

export class Alerts {
  readonly #options: AlertsOptions;
  readonly #everyMs: number;
  #waiting: Said[] = [];
  #looking: Promise<void> | null = null;
  #timer: NodeJS.Timeout | undefined;
  #alerts: Told[] = [];
  #slice: NodeJS.Immediate | undefined;
  #isClosed = false;

  constructor(options: AlertsOptions) {
    this.#options = options;
    this.#everyMs = options.everyMs ?? EVERY_MS;
  }

  /** A message of a channel that names nobody, or only some. */
  plain({ organizationId, channelId }: ChannelKey, notice: Notice): void {
    this.#note({ organizationId, channelId, notice, isToAll: false });
    if (this.#looking === null && this.#timer === undefined) this.#lookIn(this.#everyMs);
  }

  /** Messages of a channel that name all of it. */
  groups({ organizationId, channelId }: ChannelKey, notices: readonly Notice[]): void {
    if (notices.length === 0) return;
    for (const notice of notices) this.#note({ organizationId, channelId, notice, isToAll: true });
    if (this.#looking === null) this.#lookIn(0);
  }

  /** People who have a row now. */
  told(told: readonly Told[]): void {
    const oldest = this.#options.clock.now() - OLD_MS;
    for (const one of told) {
      const isAlert = !one.isMuted && one.notification.createdAt.getTime() > oldest;
      if (isAlert && !this.#isClosed && this.#alerts.length < MOST_ALERTS) this.#alerts.push(one);
    }
    if (this.#alerts.length > 0 && this.#slice === undefined) this.#publish();
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#slice !== undefined) clearImmediate(this.#slice);
    this.#isClosed = true;
    this.#waiting = [];
    this.#alerts = [];
    await this.#looking;
  }

  #note(said: Said): void {
    if (!this.#isClosed && this.#waiting.length < MOST_MESSAGES) this.#waiting.push(said);
  }

  #lookIn(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#looking = this.#look().finally(() => {
        this.#looking = null;
        if (this.#waiting.length > 0 && !this.#isClosed) this.#lookIn(this.#everyMs);
      });
    }, ms);
    this.#timer.unref();
  }

  async #look(): Promise<void> {
    const said = this.#waiting;
    this.#waiting = [];
    try {
      this.told(await this.#options.notifications.audience(said));
    } catch (error) {
      this.#options.logger.warn(
        { err: error, messages: said.length },
        'who wants to be alerted is not known',
      );
    }
  }

  #publish(): void {
    this.#slice = undefined;
    for (const one of this.#alerts.splice(0, SLICE)) this.#options.publisher.notified(one);
    if (this.#alerts.length > 0) this.#slice = setImmediate(() => this.#publish());
  }
}
