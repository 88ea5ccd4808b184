/**
 * Loaded into a replica before its program (`node --import`), so that a run of faults can reach what no other process
 * can: its clock, which is set by writing milliseconds into a file, and its ways to the stores, which lead through
 * proxies. Cassandra's driver takes the addresses of nodes from the nodes themselves, so no setting would turn it.
 *
 * FAULTS_CLOCK: the file. FAULTS_ROUTES: `host:port=port` on loopback, with commas between.
 */
import { readFileSync } from 'node:fs';
import { Socket, type SocketConnectOpts } from 'node:net';

const LOOK_MS = 50;

const clock = process.env.FAULTS_CLOCK;
if (clock !== undefined) shiftClock(clock);
const routes = process.env.FAULTS_ROUTES;
if (routes !== undefined) {
  turnConnections(
    new Map(
      routes.split(',').map((route) => {
        const [address = '', port = ''] = route.split('=');
        return [address, Number(port)];
      }),
    ),
  );
}

/** Wall-clock time moves by what the file says; the monotonic clock and timers go on, as when an administrator sets the time. */
function shiftClock(file: string): void {
  let shift = 0;
  setInterval(() => {
    try {
      shift = Number(readFileSync(file, 'utf8')) || 0;
    } catch {
      shift = 0; // Nobody has set the clock yet.
    }
  }, LOOK_MS).unref();
  const real = Date;
  const now = (): number => real.now() + shift;
  globalThis.Date = new Proxy(real, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
    apply: () => new real(now()).toString(),
    get: (target, property, receiver) => (property === 'now' ? now : Reflect.get(target, property, receiver)),
  });
}

/** Both forms of connect() that the drivers use: options (also as net.connect() hands them on), and port with host. */
function turnConnections(to: ReadonlyMap<string, number>): void {
  const { connect } = Socket.prototype;
  const turn = (target: SocketConnectOpts): void => {
    if (!('port' in target)) return;
    const port = to.get(`${target.host ?? '127.0.0.1'}:${target.port}`);
    if (port !== undefined) Object.assign(target, { host: '127.0.0.1', port });
  };
  const turned = function (this: Socket, ...args: unknown[]): Socket {
    const [first, second] = args;
    // Cassandra's driver gives the port as text.
    if (['number', 'string'].includes(typeof first) && typeof second === 'string') {
      const port = to.get(`${second}:${first}`);
      if (port !== undefined) args.splice(0, 2, port, '127.0.0.1');
    } else {
      const target: unknown = Array.isArray(first) ? first[0] : first;
      if (isOptions(target)) turn(target);
    }
    return Reflect.apply(connect, this, args);
  };
  Object.assign(Socket.prototype, { connect: turned });
}

const isOptions = (value: unknown): value is SocketConnectOpts => typeof value === 'object' && value !== null;
