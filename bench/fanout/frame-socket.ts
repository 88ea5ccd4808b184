/**
 * A WebSocket client as thin as can be: frames are looked at where they were read, nothing is copied but what a read
 * has cut in two. With thousands of them in a process the machine is left to the server.
 */
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

export interface Address {
  readonly port: number;
  readonly path: string;
  readonly protocol: string | null;
  readonly localAddress: string;
}

export interface Listener {
  opened(): void;
  /** A text frame's payload, valid during the call. */
  text(frame: Buffer, start: number, end: number): void;
  closed(why: string): void;
}

const READ_BYTES = 256 * 1024;
/** One for all sockets: what is read is used up before the next read. */
const reading = Buffer.allocUnsafeSlow(READ_BYTES);
const END_OF_HEAD = '\r\n\r\n';
const [TEXT, CLOSE, PING, PONG] = [1, 8, 9, 10];

export class FrameSocket {
  readonly #socket: Socket;
  readonly #listener: Listener;
  #rest: Buffer | null = null;
  #isOpen = false;
  #isClosing = false;

  constructor({ port, path, protocol, localAddress }: Address, listener: Listener) {
    this.#listener = listener;
    this.#socket = connect({
      host: '127.0.0.1',
      port,
      localAddress,
      onread: {
        buffer: reading,
        callback: (length, buffer) => {
          this.#received(Buffer.from(buffer.buffer, buffer.byteOffset, length));
          return true;
        },
      },
    });
    this.#socket.setNoDelay(true);
    this.#socket.on('connect', () => {
      const head = [
        `GET ${path} HTTP/1.1`,
        `Host: 127.0.0.1:${port}`,
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
        ...(protocol === null ? [] : [`Sec-WebSocket-Protocol: ${protocol}`]),
      ];
      this.#socket.write(head.join('\r\n') + END_OF_HEAD);
    });
    this.#socket.on('error', (error) => this.#ended(String(error)));
    this.#socket.on('close', () => this.#ended('the connection was closed'));
  }

  send(text: string): void {
    this.#write(TEXT, Buffer.from(text));
  }

  close(): void {
    this.#isClosing = true;
    // 1000
    this.#write(CLOSE, Buffer.from([0x03, 0xe8]));
    this.#socket.end();
  }

  #ended(why: string): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#socket.destroy();
    this.#listener.closed(why);
  }

  #received(read: Buffer): void {
    const data = this.#rest === null ? read : Buffer.concat([this.#rest, read]);
    this.#rest = null;
    let at = 0;
    if (!this.#isOpen) {
      const end = data.indexOf(END_OF_HEAD);
      if (end >= 0) {
        if (!data.toString('latin1', 0, end).startsWith('HTTP/1.1 101')) {
          this.#ended(`no upgrade: ${data.toString('latin1', 0, end).split('\r\n')[0]}`);
          return;
        }
        this.#isOpen = true;
        at = end + END_OF_HEAD.length;
        this.#listener.opened();
      }
    }
    if (this.#isOpen) at = this.#frames(data, at);
    // The buffer that was read into is about to be read into again.
    if (at < data.length) this.#rest = Buffer.from(data.subarray(at));
  }

  /** Where the first frame begins that is not whole. */
  #frames(data: Buffer, from: number): number {
    let at = from;
    while (at + 2 <= data.length && !this.#isClosing) {
      let length = (data[at + 1] ?? 0) & 0x7f;
      let start = at + 2;
      if (length === 126) {
        if (start + 2 > data.length) break;
        length = data.readUInt16BE(start);
        start += 2;
      } else if (length === 127) {
        if (start + 8 > data.length) break;
        length = Number(data.readBigUInt64BE(start));
        start += 8;
      }
      const end = start + length;
      if (end > data.length) break;
      const opcode = (data[at] ?? 0) & 0x0f;
      if (opcode === TEXT) this.#listener.text(data, start, end);
      else if (opcode === PING) this.#write(PONG ?? 0, data.subarray(start, end));
      else if (opcode === CLOSE) this.#ended(closeReason(data.subarray(start, end)));
      at = end;
    }
    return at;
  }

  /** Masked, as a client must, with a key of zeros. */
  #write(opcode = 0, payload: Buffer): void {
    const isShort = payload.length < 126;
    const head = Buffer.alloc(isShort ? 6 : 8);
    head[0] = 0x80 | opcode;
    head[1] = 0x80 | (isShort ? payload.length : 126);
    if (!isShort) head.writeUInt16BE(payload.length, 2);
    this.#socket.write(Buffer.concat([head, payload]));
  }
}

const closeReason = (payload: Buffer): string =>
  payload.length < 2
    ? 'the server closed the socket'
    : `the server closed the socket: ${payload.readUInt16BE(0)} ${payload.toString('utf8', 2)}`;
