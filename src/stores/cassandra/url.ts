/**
 * The address of a cell: `cassandra://user:password@host1,host2:9042/keyspace?dc=datacenter1&rf=3`. Read by hand,
 * since URL() knows one host only. Faults never repeat the user or the password.
 */

export interface CassandraUrl {
  /** Hosts to make contact with; the driver finds the others. */
  readonly hosts: readonly string[];
  readonly port: number;
  readonly credentials: { readonly username: string; readonly password: string } | null;
  readonly keyspace: string;
  /** The cell's home datacenter. */
  readonly dc: string;
  /** Copies of everything in that datacenter; read when `migrate` makes the keyspace, and never again. */
  readonly rf: number;
}

/** Everything that is wrong with an address, so that it can be put right at once. */
export class CassandraUrlError extends Error {
  override readonly name = 'CassandraUrlError';
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(
      `Not the address of a Cassandra: ${faults.join('; ')}. ` +
        'Expected cassandra://user:password@host1,host2:9042/keyspace?dc=datacenter1&rf=3',
    );
    this.faults = faults;
  }
}

const SHAPE =
  /^cassandra:\/\/(?:(?<login>[^/?#]*)@)?(?<hosts>[^@/?#]*)(?:\/(?<keyspace>[^?#]*))?(?:\?(?<query>[^#]*))?$/;
const HOST = /^(?<host>\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?)(?::(?<port>[0-9]{1,5}))?$/i;
const KEYSPACE = /^[a-z][a-z0-9_]{0,47}$/;
const DATACENTER = /^[A-Za-z0-9_.-]{1,100}$/;
const DEFAULT_PORT = 9042;
const DEFAULT_RF = 3;

/** Throws CassandraUrlError, which names every fault. */
export function parseCassandraUrl(text: string): CassandraUrl {
  const parts = SHAPE.exec(text)?.groups;
  if (parts === undefined) throw new CassandraUrlError(['it does not begin with cassandra://HOST']);

  const faults: string[] = [];
  const { hosts, port } = readHosts(parts.hosts ?? '', faults);
  const credentials = readLogin(parts.login, faults);
  const keyspace = parts.keyspace ?? '';
  if (!KEYSPACE.test(keyspace) || keyspace.startsWith('system')) {
    faults.push(
      keyspace === ''
        ? 'the keyspace is missing'
        : 'the keyspace must be 1 to 48 lower-case letters, digits or _, begin with a letter and not with "system"',
    );
  }
  const { dc, rf } = readQuery(parts.query ?? '', faults);

  if (faults.length > 0) throw new CassandraUrlError(faults);
  return { hosts, port, credentials, keyspace, dc, rf };
}

function readHosts(text: string, faults: string[]): { hosts: string[]; port: number } {
  const hosts: string[] = [];
  const ports = new Set<number>();
  for (const part of text.split(',')) {
    const match = HOST.exec(part)?.groups;
    const port = match?.port === undefined ? null : Number(match.port);
    if (match?.host === undefined || (port !== null && (port < 1 || port > 65_535))) {
      faults.push(part === '' ? 'a host is missing' : `"${part}" is no host`);
      continue;
    }
    hosts.push(match.host.replace(/^\[|\]$/g, ''));
    if (port !== null) ports.add(port);
  }
  // The driver finds the other nodes by their address alone, so that one port must serve for all of them.
  if (ports.size > 1) faults.push(`all hosts need one port, not ${[...ports].join(' and ')}`);
  const [port = DEFAULT_PORT] = ports;
  return { hosts, port };
}

function readLogin(login: string | undefined, faults: string[]): CassandraUrl['credentials'] {
  if (login === undefined) return null;
  const colon = login.indexOf(':');
  try {
    const username = decodeURIComponent(colon === -1 ? login : login.slice(0, colon));
    const password = colon === -1 ? '' : decodeURIComponent(login.slice(colon + 1));
    if (username !== '' && password !== '') return { username, password };
    faults.push('before @ a user and a password are needed, as user:password');
  } catch {
    // Not repeated here: what cannot be decoded may be a password.
    faults.push('the user or the password holds a % that encodes nothing (write %25)');
  }
  return null;
}

function readQuery(text: string, faults: string[]): { dc: string; rf: number } {
  const query = new URLSearchParams(text);
  for (const name of new Set(query.keys())) {
    if (name !== 'dc' && name !== 'rf') faults.push(`"${name}" is no setting: there are dc and rf`);
    else if (query.getAll(name).length > 1) faults.push(`${name} is given twice`);
  }
  const dc = query.get('dc') ?? '';
  if (dc === '') faults.push('dc, the home datacenter, is missing');
  else if (!DATACENTER.test(dc)) faults.push('dc is no name of a datacenter');
  const rf = query.get('rf') ?? String(DEFAULT_RF);
  if (!/^[1-9]$/.test(rf)) faults.push('rf, the number of copies, must be 1 to 9');
  return { dc, rf: Number(rf) };
}

/** The address as it may be printed: without user and password. */
export const printable = ({ hosts, port, keyspace, dc }: CassandraUrl): string =>
  `${hosts.join(', ')} port ${port} (datacenter ${dc}, keyspace ${keyspace})`;

/** Hosts and port as the driver takes them. */
export const contactPoints = ({ hosts, port }: CassandraUrl): string[] =>
  hosts.map((host) => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`));
