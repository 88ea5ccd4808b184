/**
 * GraphiQL, whole: its files lie in a package and are served from here, compressed once, with a content policy
 * that keeps the page from asking any other host for anything.
 */
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { graphiqlHeaders, setHeaders } from '../security-headers.ts';
import { bootScript } from './boot.ts';

const compress = promisify(gzip);
const expand = promisify(gunzip);
const JAVASCRIPT = 'text/javascript; charset=utf-8';

interface Asset {
  readonly type: string;
  readonly compressed: Buffer;
  readonly tag: string;
}

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Backscroll</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="/graphql/graphiql/graphiql.css" />
  </head>
  <body class="no-focus-outline">
    <noscript>GraphiQL needs JavaScript.</noscript>
    <div id="root"></div>
    <script src="/graphql/graphiql/graphiql.js"></script>
    <script src="/graphql/graphiql/boot.js"></script>
  </body>
</html>
`;

let loading: Promise<ReadonlyMap<string, Asset>> | undefined;

async function load(): Promise<ReadonlyMap<string, Asset>> {
  // Nine megabytes of text: read when the first page asks, not by every start and every command.
  const bundle = await import('@graphql-yoga/render-graphiql/graphiql');
  const files: readonly (readonly [path: string, type: string, text: string])[] = [
    ['/graphql', 'text/html; charset=utf-8', PAGE],
    ['/graphql/graphiql/graphiql.css', 'text/css; charset=utf-8', bundle.css],
    ['/graphql/graphiql/graphiql.js', JAVASCRIPT, bundle.js],
    ['/graphql/graphiql/boot.js', JAVASCRIPT, bootScript],
    ['/graphql/graphiql/editor.worker.js', JAVASCRIPT, bundle.editorWorkerService],
    ['/graphql/graphiql/json.worker.js', JAVASCRIPT, bundle.jsonWorker],
    ['/graphql/graphiql/graphql.worker.js', JAVASCRIPT, bundle.graphqlWorker],
  ];
  const assets = await Promise.all(
    files.map(async ([path, type, text]): Promise<[string, Asset]> => {
      const tag = `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`;
      return [path, { type, compressed: await compress(text), tag }];
    }),
  );
  return new Map(assets);
}

/** True for the page itself (a browser's GET of /graphql) and for its files. */
export const isGraphiQL = ({ method, headers }: IncomingMessage, path: string): boolean =>
  method === 'GET' &&
  (path.startsWith('/graphql/graphiql/') ||
    (path === '/graphql' && headers.accept?.includes('text/html') === true));

/** Answers what `isGraphiQL` is true for. False when there is no such file. */
export async function answerGraphiQL(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
): Promise<boolean> {
  loading ??= load();
  const asset = (await loading).get(path);
  if (asset === undefined) return false;
  setHeaders(response, graphiqlHeaders);
  // Asked for again each time, answered with 304 while it is the same: no old page after an upgrade.
  response.setHeader('cache-control', 'no-cache');
  response.appendHeader('vary', 'accept-encoding');
  response.setHeader('etag', asset.tag);
  if (request.headers['if-none-match'] === asset.tag) {
    response.writeHead(304).end();
  } else {
    const isGzipTaken = /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?(?:,|\s|$))/i.test(
      String(request.headers['accept-encoding'] ?? ''),
    );
    // Kept compressed alone: hardly anybody asks for it otherwise.
    const body = isGzipTaken ? asset.compressed : await expand(asset.compressed);
    response.writeHead(200, {
      'content-type': asset.type,
      ...(isGzipTaken ? { 'content-encoding': 'gzip' } : {}),
      'content-length': body.length,
    });
    response.end(body);
  }
  return true;
}
