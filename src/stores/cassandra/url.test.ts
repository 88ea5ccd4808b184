import { describe, expect, test } from 'vitest';
import { CassandraUrlError, contactPoints, parseCassandraUrl, printable } from './url.ts';

const faultsOf = (text: string): readonly string[] => {
  try {
    parseCassandraUrl(text);
  } catch (error) {
    if (error instanceof CassandraUrlError) return error.faults;
    throw error;
  }
  return [];
};

describe('the address of a Cassandra', () => {
  test('with everything in it', () => {
    expect(
      parseCassandraUrl('cassandra://ada:s%40cret@db1.example,10.0.0.2:9142/chat_eu?dc=eu-west&rf=5'),
    ).toEqual({
      hosts: ['db1.example', '10.0.0.2'],
      port: 9142,
      credentials: { username: 'ada', password: 's@cret' },
      keyspace: 'chat_eu',
      dc: 'eu-west',
      rf: 5,
    });
  });

  test('with the least: port 9042, three copies, nobody signed in', () => {
    expect(parseCassandraUrl('cassandra://localhost/chat?dc=dc1')).toEqual({
      hosts: ['localhost'],
      port: 9042,
      credentials: null,
      keyspace: 'chat',
      dc: 'dc1',
      rf: 3,
    });
  });

  test('with the port at each host, and with IPv6', () => {
    const url = parseCassandraUrl('cassandra://[::1]:9142,127.0.0.1:9142/chat?dc=dc1');
    expect([url.hosts, url.port]).toEqual([['::1', '127.0.0.1'], 9142]);
    expect(contactPoints(url)).toEqual(['[::1]:9142', '127.0.0.1:9142']);
  });

  test.each([
    ['http://localhost/chat?dc=dc1', 'does not begin with cassandra://'],
    ['cassandra://localhost/chat', 'dc, the home datacenter, is missing'],
    ['cassandra://localhost?dc=dc1', 'keyspace is missing'],
    ['cassandra://localhost/Chat;drop?dc=dc1', 'keyspace must be'],
    ['cassandra://localhost/system_auth?dc=dc1', 'keyspace must be'],
    ['cassandra:///chat?dc=dc1', 'a host is missing'],
    ['cassandra://one,,two/chat?dc=dc1', 'a host is missing'],
    ['cassandra://one two/chat?dc=dc1', '"one two" is no host'],
    ['cassandra://one:99999/chat?dc=dc1', '"one:99999" is no host'],
    ['cassandra://one:1,two:2/chat?dc=dc1', 'all hosts need one port'],
    ['cassandra://ada@one/chat?dc=dc1', 'a user and a password are needed'],
    ['cassandra://ada:%zz@one/chat?dc=dc1', 'a % that encodes nothing'],
    ['cassandra://one/chat?dc=dc1&rf=0', 'rf, the number of copies, must be 1 to 9'],
    ['cassandra://one/chat?dc=dc1&rf=3&rf=2', 'rf is given twice'],
    ["cassandra://one/chat?dc=d'1", 'dc is no name of a datacenter'],
    ['cassandra://one/chat?dc=dc1&datacenter=x', '"datacenter" is no setting'],
  ])('%s: %s', (text, fault) => {
    expect(faultsOf(text)).toEqual([expect.stringContaining(fault)]);
  });

  test('names every fault at once, and no secret', () => {
    const faults = faultsOf('cassandra://ada:hunter%2@one:0/?rf=x');
    expect(faults).toHaveLength(5);
    expect(faults.join()).not.toContain('hunter');
  });

  test('is printed without user and password', () => {
    const text = printable(parseCassandraUrl('cassandra://ada:hunter2@one,two/chat?dc=dc1'));
    expect(text).toBe('one, two port 9042 (datacenter dc1, keyspace chat)');
  });
});
