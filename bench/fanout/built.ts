/**
 * The servers that are measured, built as the package is: what types and modules cost in memory falls on none of them.
 * A bundle each, since that is how Backscroll is installed; the peers gain by it too.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { LEFT_OUT } from '../../rolldown.config.ts';
import type { ContenderName } from './contenders.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** Within it, so that what is left out of a bundle is found. */
const CACHE = join(root, 'node_modules', '.cache');

export type BuiltName = ContenderName | 'main' | 'collect-on-signal';

export interface Built extends AsyncDisposable {
  file(name: BuiltName): string;
}

/** Gone when it is disposed of. */
export async function buildServers(peers: readonly ContenderName[]): Promise<Built> {
  await mkdir(CACHE, { recursive: true });
  const folder = await mkdtemp(join(CACHE, 'backscroll-bench-'));
  await using opening = new AsyncDisposableStack();
  opening.defer(() => rm(folder, { recursive: true, force: true }));
  const peer = (name: string): string => join(root, 'bench', 'peers', `${name}.ts`);
  // One after the other: two programs must share no file, or each would load what only the other needs.
  for (const name of peers) {
    const ofBackscroll = {
      main: join(root, 'src/cli/main.ts'),
      worker: join(root, 'src/stores/sqlite/worker.ts'),
    };
    await write(join(folder, name), {
      [name]: peer(name),
      ...(name === 'backscroll' ? ofBackscroll : {}),
    });
  }
  await write(join(folder, 'collect-on-signal'), { 'collect-on-signal': peer('collect-on-signal') });
  const built = opening.move();
  return {
    file: (name) => join(folder, name === 'main' ? 'backscroll' : name, `${name}.js`),
    [Symbol.asyncDispose]: () => built.disposeAsync(),
  };
}

async function write(dir: string, input: Record<string, string>): Promise<void> {
  const bundle = await rolldown({ input, platform: 'node', external: LEFT_OUT, logLevel: 'silent' });
  try {
    await bundle.write({ dir, format: 'esm', entryFileNames: '[name].js', comments: false });
  } finally {
    await bundle.close();
  }
}
