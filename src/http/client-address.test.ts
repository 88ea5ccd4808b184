import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { clientAddress } from './client-address.ts';

function request(remoteAddress: string | undefined, forwarded?: string): IncomingMessage {
  const socket = new Socket();
  Object.defineProperty(socket, 'remoteAddress', { value: remoteAddress });
  const made = new IncomingMessage(socket);
  if (forwarded !== undefined) made.headers['x-forwarded-for'] = forwarded;
  return made;
}
const of = (trusted: readonly string[], remote: string | undefined, forwarded?: string) =>
  clientAddress(trusted)(request(remote, forwarded));

test('without trusted proxies it is whoever is connected, whatever the request says', () => {
  expect(of([], '203.0.113.9', '10.0.0.1')).toBe('203.0.113.9');
  expect(of([], '::ffff:203.0.113.9', '10.0.0.1')).toBe('203.0.113.9');
  expect(of([], undefined)).toBeNull();
});

describe('with trusted proxies', () => {
  const trusted = ['10.0.0.0/8', '192.0.2.7', 'fd00::/8'];

  test.each([
    ['one that is none of them is not believed', '203.0.113.9', '198.51.100.1', '203.0.113.9'],
    ['one proxy', '10.1.2.3', '203.0.113.9', '203.0.113.9'],
    ['an address alone', '192.0.2.7', '203.0.113.9', '203.0.113.9'],
    ['its neighbour', '192.0.2.8', '203.0.113.9', '192.0.2.8'],
    ['by IPv6', 'fd00::1', '2001:DB8::1', '2001:db8::1'],
    ['by IPv4 over IPv6', '::ffff:10.1.2.3', '203.0.113.9', '203.0.113.9'],
    ['two proxies', '10.1.2.3', '203.0.113.9, 10.9.9.9', '203.0.113.9'],
    ['what the client wrote before is not believed', '10.1.2.3', '1.1.1.1, 203.0.113.9', '203.0.113.9'],
    ['nor that it came through proxies of ours', '10.1.2.3', '1.1.1.1, 203.0.113.9, 10.9.9.9', '203.0.113.9'],
    ['nonsense ends the chain', '10.1.2.3', '203.0.113.9, <script>', '10.1.2.3'],
    ['a proxy that says nothing', '10.1.2.3', undefined, '10.1.2.3'],
    ['an empty header', '10.1.2.3', ' , ', '10.1.2.3'],
    ['nobody but proxies', '10.1.2.3', '10.4.4.4', '10.4.4.4'],
    ['a chain without end', '10.1.2.3', `203.0.113.9${', 10.0.0.1'.repeat(1_000)}`, '10.0.0.1'],
  ])('%s', (_, remote, forwarded, expected) => {
    expect(of(trusted, remote, forwarded)).toBe(expected);
  });
});
