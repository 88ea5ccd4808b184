/**
 * `node scripts/outside-packages.ts FOLDER`: copies what the bundle leaves outside, and what that depends on, from
 * node_modules to FOLDER/node_modules. Everything else that runs is in the bundle, so an image needs no other package.
 */
import { existsSync } from 'node:fs';
import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LEFT_OUT } from '../rolldown.config.ts';

const project = new URL('..', import.meta.url).pathname;

/** Names of installed packages: the dependencies that the bundle imports by name, and theirs. */
export async function outsidePackages(): Promise<ReadonlySet<string>> {
  const direct = (await dependenciesOf(project)).filter((name) =>
    LEFT_OUT.some((left) => (typeof left === 'string' ? left === name : left.test(name))),
  );
  const found = new Set(direct);
  // A set that grows while it is walked is walked to its new end.
  for (const name of found) {
    const folder = join(project, 'node_modules', name);
    for (const other of await dependenciesOf(folder)) {
      // One of its own comes with its folder.
      if (!existsSync(join(folder, 'node_modules', other))) found.add(other);
    }
  }
  return found;
}

async function dependenciesOf(folder: string): Promise<readonly string[]> {
  const { dependencies = {} } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  return Object.keys(dependencies);
}

if (import.meta.main) {
  const target = process.argv[2];
  if (target === undefined) throw new Error('say into which folder');
  for (const name of await outsidePackages()) {
    const path = join('node_modules', name);
    await cp(join(project, path), join(target, path), { recursive: true });
  }
}
