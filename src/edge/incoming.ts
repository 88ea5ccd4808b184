/**
 * What a client says, read once and handed to graphql-ws. Two things graphql-ws would get wrong are put right here: a
 * bad operation ends itself and not the socket, and an id may be used again as soon as the client has completed its
 * operation. graphql-ws would take the end of the old operation, which it still runs, for that of the new one; so the
 * new one waits for it.
 */
import { CloseCode, MessageType, validateMessage } from 'graphql-ws';
import type { Logger } from '../chat/logger.ts';
import { badOperation, MAX_ID_LENGTH, tooLongId } from './bad-operation.ts';
import type { CloseReason } from './close-codes.ts';
import { mendNamedByHash } from './named-by-hash.ts';
import type { EdgeSocket } from './socket.ts';

type Message = ReturnType<typeof validateMessage>;
/** Asks for an operation. */
export type Subscribe = Extract<Message, { readonly type: MessageType.Subscribe }>;

type Ping = Extract<Message, { readonly type: MessageType.Ping }>;

/** Runs what a message asks for; settles when that is over. */
export type Receive = (message: Message) => Promise<void>;

/** An operation, as long as it is not over. */
export interface Asking {
  /** The client has completed it. */
  readonly isLeft: boolean;
}

/** Answers an operation; null when it is left to `Receive`, before anything of it was done. */
export type Answer = (message: Subscribe, asking: Asking) => Promise<void> | null;

interface Running extends Asking {
  isLeft: boolean;
  /** What the client has asked for under its id since. */
  next: Subscribe | null;
}

const notOfTheProtocol: CloseReason = { code: CloseCode.BadRequest, reason: 'Invalid message received' };

export class Incoming {
  readonly #socket: EdgeSocket;
  readonly #logger: Logger;
  /** By id; made with the first: many connect long before they ask, and some never do. */
  #running: Map<string, Running> | null = null;
  #live = 0;
  #receive: Receive = async () => undefined;
  #answer: Answer = () => null;

  constructor(socket: EdgeSocket, logger: Logger) {
    this.#socket = socket;
    this.#logger = logger;
  }

  /** Operations that the client waits for. */
  get live(): number {
    return this.#live;
  }

  /** Operations that are not over, also those which the client has completed. */
  get running(): number {
    return this.#running?.size ?? 0;
  }

  onMessage(receive: Receive): void {
    this.#receive = receive;
  }

  /** What is asked first, before `onMessage`'s. */
  onOperation(answer: Answer): void {
    this.#answer = answer;
  }

  /** @param text null: a frame that is no text. */
  read(text: string | null): void {
    if (this.#socket.isClosing) return;
    if (text === null) {
      this.#socket.close(notOfTheProtocol);
      return;
    }
    const message = this.#messageOf(text);
    if (message === null) return;
    if (message.type === MessageType.Subscribe) this.#subscribe(message);
    else if (message.type === MessageType.Complete) this.#complete(message.id, message);
    else if (message.type === MessageType.Ping) this.#pong(message);
    else if (isOfServers(message)) this.#socket.close(notOfTheProtocol);
    else this.#hand(this.#receive(message));
  }

  /** With the ping's own payload, as graphql-ws does; what can be read may be nested too deeply to be written. */
  #pong({ payload }: Ping): void {
    let pong: string;
    try {
      pong = JSON.stringify({ type: MessageType.Pong, payload });
    } catch {
      this.#socket.close(notOfTheProtocol);
      return;
    }
    this.#socket.send(pong);
  }

  #messageOf(text: string): Message | null {
    let said: unknown;
    try {
      said = JSON.parse(text);
      return validateMessage(said);
    } catch {
      if (mendNamedByHash(said)) return this.#validOf(said);
      this.#refuse(said);
      return null;
    }
  }

  #validOf(said: unknown): Message | null {
    try {
      return validateMessage(said);
    } catch {
      this.#refuse(said);
      return null;
    }
  }

  #refuse(said: unknown): void {
    // What is wrong with it is said by how it is answered.
    const id = operationIdOf(said);
    if (id === null) this.#socket.close(notOfTheProtocol);
    else this.#socket.send(badOperation(id));
  }

  #subscribe(message: Subscribe): void {
    const older = this.#running?.get(message.id);
    if (message.id.length > MAX_ID_LENGTH) this.#socket.send(tooLongId(message.id));
    else if (older === undefined) this.#start(message);
    else if (older.isLeft && older.next === null) older.next = message;
    else this.#socket.close({ code: CloseCode.SubscriberAlreadyExists, reason: alreadyExists(message.id) });
  }

  #start(message: Subscribe): void {
    const running: Running = { isLeft: false, next: null };
    this.#running ??= new Map();
    this.#running.set(message.id, running);
    this.#live += 1;
    this.#hand(this.#answerOf(message, running), () => {
      if (!running.isLeft) this.#live -= 1;
      this.#running?.delete(message.id);
      if (running.next !== null && !this.#socket.isClosing) this.#start(running.next);
    });
  }

  #answerOf(message: Subscribe, running: Running): Promise<void> {
    try {
      return this.#answer(message, running) ?? this.#receive(message);
    } catch (error) {
      // Nothing below would catch it. The other way comes to the same, and tells the client.
      this.#logger.error({ err: error }, 'an operation could not be begun');
      return this.#receive(message);
    }
  }

  #complete(id: string, message: Message): void {
    const running = this.#running?.get(id);
    if (running === undefined) return;
    if (running.isLeft) {
      running.next = null;
      return;
    }
    running.isLeft = true;
    this.#live -= 1;
    this.#hand(this.#receive(message));
  }

  #hand(handled: Promise<void>, over: () => void = () => undefined): void {
    handled.then(over, (error: unknown) => {
      this.#logger.error({ err: error }, 'a message broke the socket');
      this.#socket.close({ code: CloseCode.InternalServerError, reason: 'internal error' });
    });
  }
}

/** What only servers say: graphql-ws would fail at it. */
const isOfServers = ({ type }: Message): boolean =>
  type === MessageType.ConnectionAck || type === MessageType.Next || type === MessageType.Error;

/** The id of the operation that a message was meant to start; null when it is no such message at all. */
function operationIdOf(said: unknown): string | null {
  if (typeof said !== 'object' || said === null) return null;
  const { type, id } = said as { readonly type?: unknown; readonly id?: unknown };
  return type === MessageType.Subscribe && typeof id === 'string' && id !== '' ? id : null;
}

/** A close frame has room for 123 bytes. */
const alreadyExists = (id: string): string => {
  const reason = `Subscriber for ${id} already exists`;
  return Buffer.byteLength(reason) > 123 ? 'Subscriber already exists' : reason;
};
