/** What `serve` says once it is ready: where it is, where its data is, and what to try first. */
import { styleText } from 'node:util';
import type { Config } from '../config/config.ts';
import { DEMO_ORGANIZATION } from '../demo/people.ts';

export function banner(config: Config, url: string, seconds: number, stream: NodeJS.WriteStream): string {
  const strong = (text: string) => styleText('bold', text, { stream });
  const link = (text: string) => styleText('cyan', text, { stream });
  const endpoint = `${url}/graphql`;
  const lines = [
    `${strong('Backscroll')} is ready (${seconds.toFixed(1)} s)`,
    '',
    `  API      ${link(endpoint)}  (HTTP and WebSocket)`,
    `  Data     ${whereData(config)}`,
  ];
  if (config.auth.mode === 'dev') {
    lines.push(
      `  Sign in  ${link(`${endpoint}?as=ada`)}`,
      `           ${link(`${endpoint}?as=grace`)}  (open both, in two tabs)`,
      '',
      '  Or from another terminal:',
      `  ${tryLine(url)}`,
    );
  } else {
    lines.push('  Tokens   npm run -s cli -- token ORGANIZATION HANDLE');
  }
  lines.push('', 'Ctrl-C stops it.');
  return `${lines.join('\n')}\n`;
}

function whereData({ stores }: Config): string {
  const { database, cassandra, cells, dataDir } = stores;
  if (database.kind === 'pglite' && cassandra === null && cells.length === 0) return dataDir;
  const people = database.kind === 'pglite' ? dataDir : 'Postgres';
  const further = cells.length === 0 ? '' : ` (cells default, ${cells.map(({ name }) => name).join(', ')})`;
  const messages = `${cassandra === null ? dataDir : 'Cassandra'}${further}`;
  return `people and channels in ${people}, messages in ${messages}`;
}

/** One line to paste: signs in and asks something. */
function tryLine(url: string): string {
  const json = "-H 'content-type: application/json'";
  const body = JSON.stringify({ organization: DEMO_ORGANIZATION, handle: 'ada' });
  const token = `$(curl -s ${url}/auth/dev ${json} -d '${body}' | cut -d'"' -f4)`;
  const query =
    '{"query":"{ viewer { user { name } memberships { edges { node { title unreadCount } } } } }"}';
  return `curl -s ${url}/graphql ${json} -H "authorization: Bearer ${token}" -d '${query}'`;
}
