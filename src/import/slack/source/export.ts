/**
 * An export as an import sees it: its workspaces (one; or, in an Enterprise Grid, the organization's own level and one
 * folder under `teams/` for each), and the day files of each folder. Where the files lie is the source's to know.
 */
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { elements } from './elements.ts';
import { openFolder } from './folder-source.ts';
import { type ExportSource, NotAnExport, UnreadableFile } from './source.ts';
import { openZip } from './zip-source.ts';

const DAY_FILE = /^\d{4}-\d{2}-\d{2}\.json$/;
/** Who is in it: of a workspace, and of a Grid as a whole. */
const PEOPLE = ['users.json', 'org_users.json'] as const;
const CONVERSATIONS = ['channels.json', 'groups.json', 'dms.json', 'mpims.json'] as const;
export type ConversationList = (typeof CONVERSATIONS)[number];
const READ: readonly string[] = [...PEOPLE, ...CONVERSATIONS];

export interface Workspace {
  /** Name of its folder under `teams/`; null for the top of the export. */
  readonly name: string | null;
  /** What its paths begin with: empty, or ending in `/`. */
  readonly prefix: string;
}

export interface SlackExport {
  readonly source: ExportSource;
  /** The top first. */
  readonly workspaces: readonly [Workspace, ...Workspace[]];
  /** Paths of day files by their folder (without a `/` at its end), by date. */
  readonly days: ReadonlyMap<string, readonly string[]>;
  /** JSON files at the top that an import does not read. */
  readonly otherFiles: readonly string[];
}

/** Opens a folder or a zip file. Throws NotAnExport; whoever gets the export closes its source. */
export async function openExport(path: string): Promise<SlackExport> {
  const source = await openSource(path);
  try {
    return readLayout(source);
  } catch (error) {
    await source.close();
    throw error;
  }
}

async function openSource(path: string): Promise<ExportSource> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw new NotAnExport(`There is no folder or zip file ${path}.`);
    throw new NotAnExport(`${path} cannot be read (${error.code ?? error.message}).`);
  });
  return found.isDirectory() ? openFolder(path) : openZip(path);
}

function readLayout(source: ExportSource): SlackExport {
  const paths = [...source.files.keys()];
  const top = topOf(paths);
  const teams = new Set(
    paths.flatMap((p) => (p.startsWith(`${top}teams/`) ? (p.slice(top.length).split('/')[1] ?? []) : [])),
  );
  const inner: readonly Workspace[] = [...teams]
    .map((name) => ({ name, prefix: `${top}teams/${name}/` }))
    .filter(({ prefix }) => READ.some((list) => source.files.has(prefix + list)));
  const workspaces: readonly [Workspace, ...Workspace[]] = [{ name: null, prefix: top }, ...inner];
  const has = (lists: readonly string[]): boolean =>
    workspaces.some(({ prefix }) => lists.some((list) => source.files.has(prefix + list)));
  const missing = [
    ...(has(PEOPLE) ? [] : ['users.json']),
    ...(has(CONVERSATIONS) ? [] : ['channels.json']),
  ].join(' and ');
  if (missing !== '') {
    throw new NotAnExport(
      `${source.name} is not a Slack export: ${missing} not found. ` +
        'An export, zipped or unpacked, has users.json, channels.json and a folder for each channel.',
    );
  }
  const atTop = paths.filter((p) => p.startsWith(top) && !p.slice(top.length).includes('/'));
  return {
    source,
    workspaces,
    days: daysByFolder(paths),
    otherFiles: atTop.map((p) => p.slice(top.length)).filter((name) => !READ.includes(name)),
  };
}

/** Zip tools like to put everything into one folder. */
function topOf(paths: readonly string[]): string {
  const isTop = (prefix: string): boolean => READ.some((list) => paths.includes(prefix + list));
  if (isTop('')) return '';
  const folders = new Set(paths.map((p) => p.slice(0, p.indexOf('/') + 1)));
  const [only = ''] = folders;
  return folders.size === 1 && isTop(only) ? only : '';
}

function daysByFolder(paths: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const days = new Map<string, string[]>();
  for (const path of paths) {
    const cut = path.lastIndexOf('/');
    if (cut < 0 || !DAY_FILE.test(path.slice(cut + 1))) continue;
    const folder = path.slice(0, cut);
    const known = days.get(folder);
    if (known === undefined) days.set(folder, [path]);
    else known.push(path);
  }
  for (const files of days.values()) files.sort();
  return days;
}

/** By date, whatever folders they lie in. */
export const byDate = (files: readonly string[]): readonly string[] =>
  files.toSorted((a, b) => basename(a).localeCompare(basename(b)) || a.localeCompare(b));

/** The entries of a list of the export, in its order. Throws UnreadableFile. */
export async function* readList({ source }: SlackExport, path: string): AsyncGenerator<unknown> {
  for await (const { value } of elements(path, await source.open(path))) yield value;
}

/** Paths of the lists of this name, with the workspace each belongs to. */
export const listsNamed = (
  { source, workspaces }: SlackExport,
  name: ConversationList | (typeof PEOPLE)[number],
): readonly { readonly path: string; readonly workspace: Workspace }[] =>
  workspaces.flatMap((workspace) => {
    const path = workspace.prefix + name;
    return source.files.has(path) ? [{ path, workspace }] : [];
  });

export { NotAnExport, UnreadableFile };
