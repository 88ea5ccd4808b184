/** A process full of subscribers: connects them, hears what comes, and reports what they heard. */
import { setTimeout as sleep } from 'node:timers/promises';
import { FrameSocket } from './frame-socket.ts';
import { MarkReader, nowMicros, SeqReader } from './mark.ts';
import { MEASURED, type Order, type Report } from './orders.ts';
import { Tally } from './tally.ts';
import { wires } from './wires.ts';

const CONNECTING_AT_ONCE = 64;
/** People come one after the other, if quickly: how a server takes a crowd is measured elsewhere. */
const SUBSCRIBING_AT_ONCE = 8;
const SUBSCRIBING_EACH_MS = 20;
const PER_ADDRESS = 5_000;
const MEASURED_CODE = MEASURED.charCodeAt(0);

interface Party {
  readonly sockets: readonly FrameSocket[];
  readonly tally: Tally;
  subscribe(): Promise<void>;
}

let party: Party | null = null;
/** What is waited for: told of every delivery. */
let expecting: {
  readonly counts: readonly number[];
  readonly deliveries: number;
  late: NodeJS.Timeout;
} | null = null;

const report = (said: Report): void => {
  process.send?.(said);
};
const fail = (why: unknown): void => report({ kind: 'failed', why: String(why) });

async function connect(order: Extract<Order, { kind: 'connect' }>): Promise<void> {
  const { seats, channels, port } = order;
  const wire = wires[order.wire];
  const tally = new Tally(
    seats.map(({ channel }) => channel),
    channels.length,
    order.checks,
  );
  const marks = new MarkReader();
  const seqs = new SeqReader();
  const isLive = new Uint8Array(seats.length);
  let live = 0;
  const sockets: FrameSocket[] = [];

  const open = (index: number): Promise<void> => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const seat = seats[index];
    const channel = channels[seat?.channel ?? 0] ?? '';
    const socket = new FrameSocket(
      {
        port,
        path: wire.path(channel),
        protocol: wire.protocol,
        localAddress: `127.0.0.${order.firstAddress + Math.floor(index / PER_ADDRESS)}`,
      },
      {
        opened: () => {
          const hello = wire.hello(seat?.token ?? '');
          if (hello === null) resolve();
          else socket.send(hello);
        },
        text: (frame, start, end) => {
          try {
            heard(index, frame, start, end, resolve);
          } catch (error) {
            fail(error);
          }
        },
        closed: (why) => {
          reject(new Error(why));
          fail(why);
        },
      },
    );
    sockets[index] = socket;
    return promise;
  };

  const heard = (index: number, frame: Buffer, start: number, end: number, welcomed: () => void): void => {
    if (!marks.read(frame, start, end)) {
      const text = frame.toString('utf8', start, end);
      if (wire.isWelcome(text)) welcomed();
      const reply = wire.reply(text);
      if (reply !== null) sockets[index]?.send(reply);
      return;
    }
    if (isLive[index] === 0) {
      isLive[index] = 1;
      if (++live === seats.length) report({ kind: 'live' });
    }
    if (marks.kind !== MEASURED_CODE) return;
    const seq = order.checks === 'numbered' ? seqs.read(frame, start, end) : -1;
    tally.heard(index, marks.number, seq, nowMicros() - marks.sentMicros, end - start);
    if (tally.deliveries === expecting?.deliveries) finish();
  };

  for (let i = 0; i < seats.length; i += CONNECTING_AT_ONCE) {
    const some = Math.min(CONNECTING_AT_ONCE, seats.length - i);
    await Promise.all(Array.from({ length: some }, (_, j) => open(i + j)));
  }
  party = {
    sockets,
    tally,
    subscribe: async () => {
      for (const [i, seat] of seats.entries()) {
        const text = wire.subscribe(channels[seat.channel] ?? '', order.document);
        if (text !== null) sockets[i]?.send(text);
        if (i % SUBSCRIBING_AT_ONCE === 0) await sleep(SUBSCRIBING_EACH_MS);
      }
    },
  };
  report({ kind: 'connected' });
}

function expect({ counts, withinMs }: Extract<Order, { kind: 'expect' }>): void {
  if (party === null) throw new Error('connect comes first');
  const deliveries = party.tally.expectedDeliveries(counts);
  expecting = { counts, deliveries, late: setTimeout(finish, withinMs) };
  if (party.tally.deliveries === deliveries) finish();
}

/** All is there, or it is too late: what is missing is then said. */
function finish(): void {
  if (party === null || expecting === null) return;
  clearTimeout(expecting.late);
  const { counts } = expecting;
  expecting = null;
  report({ kind: 'heard', heard: party.tally.result(counts) });
}

function disconnect(): void {
  for (const socket of party?.sockets ?? []) socket.close();
  party = null;
  report({ kind: 'disconnected' });
}

async function carryOut(order: Order): Promise<void> {
  if (order.kind === 'connect') await connect(order);
  else if (order.kind === 'subscribe') await party?.subscribe();
  else if (order.kind === 'expect') expect(order);
  else disconnect();
}

process.on('message', (order: Order) => void carryOut(order).catch(fail));
process.on('uncaughtException', fail);
// Ctrl-C is for whoever gave the orders; when they are gone, so is this process.
process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit());
