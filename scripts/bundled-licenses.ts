/** Puts beside a bundle the licences of all whose code is in it, as they ask for. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plugin } from 'rolldown';

const FILE = 'THIRD-PARTY-LICENSES.txt';
const IN_PACKAGE = /^(?<folder>.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/;

export function bundledLicenses(): Plugin {
  return {
    name: 'bundled-licenses',
    async generateBundle(_options, bundle) {
      const folders = new Set<string>();
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== 'chunk') continue;
        for (const id of chunk.moduleIds) {
          const folder = IN_PACKAGE.exec(id)?.groups?.folder;
          if (folder !== undefined) folders.add(folder);
        }
      }
      const texts = await Promise.all([...folders].sort().map(licenseOf));
      this.emitFile({ type: 'asset', fileName: FILE, source: texts.join(`\n${'-'.repeat(80)}\n\n`) });
    },
  };
}

/** Throws when the package does not say what its licence is. */
async function licenseOf(folder: string): Promise<string> {
  const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
  if (license === undefined && file === undefined)
    throw new Error(`${name} does not say under which licence it is`);
  const text = file === undefined ? '' : `\n${await readFile(join(folder, file), 'utf8')}`;
  return `${name} ${version} (${license})\n${text}`;
}
