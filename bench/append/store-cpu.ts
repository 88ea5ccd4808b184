/**
 * The CPU that a store's own processes have used, found by the ports they listen on: on Linux, and when they run on
 * this machine and may be looked at. NaN for everything else.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { cpuMicrosOf } from '../cpu-of.ts';

/** @param ports where the store listens; a node on another address with the same port counts too. */
export function storeCpu(ports: ReadonlySet<number>): () => number {
  const pids = process.platform === 'linux' ? listenersOn(ports) : [];
  if (pids.length === 0) return () => Number.NaN;
  return () => pids.reduce((sum, pid) => sum + cpuMicrosOf(pid), 0);
}

function listenersOn(ports: ReadonlySet<number>): readonly number[] {
  const sockets = new Set(['tcp', 'tcp6'].flatMap((family) => listeningInodes(family, ports)));
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => holdsAny(pid, sockets)).map(Number);
}

function listeningInodes(family: string, ports: ReadonlySet<number>): readonly string[] {
  const LISTEN = '0A';
  const [, ...lines] = read(`/proc/net/${family}`).trimEnd().split('\n');
  return lines.flatMap((line) => {
    // sl, local address:port (hexadecimal), remote, state, …, inode the tenth.
    const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
    const port = Number.parseInt(local.slice(local.lastIndexOf(':') + 1), 16);
    return state === LISTEN && ports.has(port) && inode !== undefined ? [`socket:[${inode}]`] : [];
  });
}

function holdsAny(pid: string, sockets: ReadonlySet<string>): boolean {
  try {
    const open = readdirSync(`/proc/${pid}/fd`);
    return open.some((fd) => sockets.has(linkOf(`/proc/${pid}/fd/${fd}`)));
  } catch {
    // It has ended meanwhile, or belongs to somebody else.
    return false;
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    // Closed since it was listed.
    return '';
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // A machine without this family.
    return '';
  }
}
