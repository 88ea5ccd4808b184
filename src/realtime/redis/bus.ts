/**
 * The bus over Redis, by graphql-redis-subscriptions. Only its `subscribe(topic, callback)` is used: its iterators
 * subscribe late and queue without bound. What is added here is what Redis leaves out: a deadline and a bound for
 * publishing, telling when the bus was away, and silence detected on both connections.
 */
import { RedisPubSub } from 'graphql-redis-subscriptions';
import type { Logger } from '../../chat/logger.ts';
import { type Bus, type BusListener, type BusState, type BusSubscription, NotConfirmed } from '../bus.ts';
import { type Connection, connectPublisher, connectSubscriber } from './connection.ts';
import { RedisTopic, type TopicSource } from './topic.ts';

/** Shorter than a heartbeat's interval, so that a beat settles before the next. */
const PUBLISH_MS = 750;
/** Between two questions to the listening connection, which otherwise never asks and would not notice a dead peer. */
const PROBE_MS = 1_000;
const CLOSE_MS = 500;
/** What may be under way to a Redis that does not answer; more is refused at once. */
const UNDER_WAY = { publications: 4_096, bytes: 16 * 1024 * 1024 };

export interface RedisBusOptions {
  readonly url: string;
  /** Before each topic: names the installation, since several may share a Redis. */
  readonly prefix: string;
  readonly logger: Logger;
}

export const createRedisBus = (options: RedisBusOptions): Bus => new RedisBus(options);

class RedisBus implements Bus {
  readonly isShared = true;
  readonly #prefix: string;
  readonly #logger: Logger;
  readonly #publisher: Connection;
  readonly #subscriber: Connection;
  readonly #pubsub: RedisPubSub;
  readonly #source: TopicSource;
  readonly #topics = new Map<string, RedisTopic>();
  readonly #interrupted = new Set<() => void>();
  readonly #restored = new Set<() => void>();
  readonly #probe: NodeJS.Timeout;
  readonly #underWay = { publications: 0, bytes: 0 };
  #state: BusState = 'DOWN';
  #isClosed = false;
  /** Of the listening connection; a promise that was resolved is replaced when the connection breaks. */
  #ready = Promise.withResolvers<void>();
  #wasReady = false;
  /** Of the outage that is now, or of the start. */
  #hasSaidWhy = false;

  constructor({ url, prefix, logger }: RedisBusOptions) {
    this.#prefix = prefix;
    this.#logger = logger;
    this.#publisher = connectPublisher(url);
    this.#subscriber = connectSubscriber(url);
    this.#pubsub = new RedisPubSub({
      publisher: this.#publisher,
      subscriber: this.#subscriber,
      // Given text: it is measured before.
      serializer: (text: string) => text,
    });
    this.#source = { pubsub: this.#pubsub, logger, ready: () => this.#ready.promise };
    for (const connection of [this.#publisher, this.#subscriber]) {
      connection.on('ready', () => void this.#maybeUp());
      connection.on('close', () => this.#down());
      connection.on('error', (error) => this.#failed(error));
    }
    this.#subscriber.on('ready', () => {
      this.#wasReady = true;
      this.#ready.resolve();
    });
    this.#subscriber.on('close', () => {
      if (this.#wasReady) this.#ready = Promise.withResolvers<void>();
      this.#wasReady = false;
    });
    this.#probe = setInterval(() => void this.#askSubscriber(), PROBE_MS);
    this.#probe.unref();
  }

  publish(topic: string, payload: unknown): Promise<void> {
    const text = JSON.stringify(payload);
    const under = this.#underWay;
    if (under.publications >= UNDER_WAY.publications || under.bytes + text.length > UNDER_WAY.bytes) {
      return Promise.reject(new NotConfirmed('Too much is under way to Redis.'));
    }
    under.publications += 1;
    under.bytes += text.length;
    return new Promise((resolve, reject) => {
      const deadline = setTimeout(
        () => reject(new NotConfirmed('Redis did not answer in time.')),
        PUBLISH_MS,
      );
      const settled = (): void => {
        clearTimeout(deadline);
        under.publications -= 1;
        under.bytes -= text.length;
      };
      this.#pubsub.publish(this.#prefix + topic, text).then(
        () => {
          settled();
          resolve();
        },
        (error: unknown) => {
          settled();
          reject(new NotConfirmed('Redis did not take it.', { cause: error }));
        },
      );
    });
  }

  subscribe(topic: string, listener: BusListener): BusSubscription {
    if (this.#isClosed) return { joined: Promise.withResolvers<void>().promise, leave: () => undefined };
    const name = this.#prefix + topic;
    const known = this.#topics.get(name) ?? new RedisTopic(name, this.#source);
    this.#topics.set(name, known);
    const own: BusListener = (payload) => listener(payload);
    known.add(own);
    return {
      joined: known.joined,
      leave: () => {
        if (!known.remove(own) || this.#isClosed) return;
        this.#topics.delete(name);
        known.leave();
      },
    };
  }

  onInterrupted(listener: () => void): () => void {
    this.#interrupted.add(listener);
    return () => this.#interrupted.delete(listener);
  }

  onRestored(listener: () => void): () => void {
    this.#restored.add(listener);
    return () => this.#restored.delete(listener);
  }

  state(): BusState {
    return this.#state;
  }

  topics(): number {
    return this.#topics.size;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#state = 'DOWN';
    clearInterval(this.#probe);
    this.#interrupted.clear();
    this.#restored.clear();
    for (const topic of this.#topics.values()) topic.silence();
    this.#topics.clear();
    const polite = [this.#publisher, this.#subscriber]
      .filter((connection) => connection.status === 'ready')
      .map((connection) => connection.quit());
    const { promise, resolve } = Promise.withResolvers<void>();
    const deadline = setTimeout(resolve, CLOSE_MS);
    await Promise.race([Promise.allSettled(polite), promise]);
    clearTimeout(deadline);
    this.#publisher.disconnect();
    this.#subscriber.disconnect();
    // Joins that wait for a connection see that their topic was left.
    this.#ready.resolve();
  }

  /** Up once both connections are, and the listening one has joined its topics again. */
  async #maybeUp(): Promise<void> {
    if (!this.#mayBeUp()) return;
    // Answers come in order, and ioredis asked for the old topics first: this answer comes after theirs.
    if (!(await this.#askSubscriber()) || !this.#mayBeUp()) return;
    this.#state = 'UP';
    this.#hasSaidWhy = false;
    this.#logger.info({}, 'Redis: connected.');
    for (const listener of [...this.#restored]) listener();
  }

  #down(): void {
    if (this.#state === 'DOWN') return;
    this.#state = 'DOWN';
    this.#logger.warn({}, 'Redis: connection lost; live events go on, a little later.');
    for (const listener of [...this.#interrupted]) listener();
  }

  /** Once for each outage, or a wrong address or password would show nowhere: every try fails alike. */
  #failed(error: unknown): void {
    if (this.#state === 'UP' || this.#hasSaidWhy) {
      this.#logger.debug({ err: error }, 'Redis: connection error.');
      return;
    }
    this.#hasSaidWhy = true;
    this.#logger.warn(
      { err: error },
      'Redis: no connection, trying on; live events between servers come later.',
    );
  }

  #mayBeUp(): boolean {
    if (this.#isClosed || this.#state === 'UP') return false;
    return this.#publisher.status === 'ready' && this.#subscriber.status === 'ready';
  }

  /** False when the connection broke. Its silence is ended by the connection's own time-out. */
  async #askSubscriber(): Promise<boolean> {
    if (this.#subscriber.status !== 'ready') return false;
    try {
      await this.#subscriber.ping();
      return true;
    } catch (error) {
      this.#logger.debug({ err: error }, 'Redis: no answer on the listening connection.');
      return false;
    }
  }
}
