/**
 * Whose request it is, behind proxies: each adds the address it was called from to the end of `X-Forwarded-For`, and
 * anybody may send one with any beginning. So it is read from its end, for as long as a trusted proxy wrote it.
 */
import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

export type ClientAddress = (request: IncomingMessage) => string | null;

/** Longer chains are made up. */
const MAX_PROXIES = 16;

/** @param trusted addresses and networks; none: whoever is connected is the client. */
export function clientAddress(trusted: readonly string[]): ClientAddress {
  if (trusted.length === 0) return ({ socket }) => addressOf(socket.remoteAddress);
  const isTrusted = networks(trusted);
  return ({ socket, headers }) => {
    let address = addressOf(socket.remoteAddress);
    if (address === null || !isTrusted(address)) return address;
    for (const hop of hopsIn(headers['x-forwarded-for'])) {
      // What is no address was not written by a proxy that one would trust: the proxy itself is all that is known.
      const next = addressOf(hop);
      if (next === null) return address;
      address = next;
      if (!isTrusted(address)) return address;
    }
    return address;
  };
}

/** From the nearest to the farthest. */
const hopsIn = (header: string | string[] | undefined): readonly string[] =>
  String(header ?? '')
    .split(',')
    .reverse()
    .slice(0, MAX_PROXIES)
    .map((hop) => hop.trim())
    .filter((hop) => hop !== '');

/** An IPv4 address that came over IPv6 is written as what it is; null for what is none. */
function addressOf(text: string | undefined): string | null {
  const bare = (text ?? '').replace(/^::ffff:(?=\d+\.)/i, '').replace(/^\[(.*)\]$/, '$1');
  return isIP(bare) === 0 ? null : bare.toLowerCase();
}

function networks(trusted: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const network of trusted) {
    const [address = '', bits] = network.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return (address) => list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}
