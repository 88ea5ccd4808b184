/**
 * Reads every source file of the parts and tells which imports, and which reads of the environment, break the rules.
 * It reads import statements as text: they stand where the formatter puts them, and a type-only import, which no
 * compiled file shows any more, counts like any other.
 */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { packageFault, parts, readsEnvironment } from './rules.ts';

export interface ImportReport {
  readonly filesRead: number;
  /** `file: what is wrong`, in the order of the files. */
  readonly faults: readonly string[];
}

const importForms = [
  /^\s*(?:import|export)\b[^;'"`]*?\bfrom\s*['"]([^'"]+)['"]/gm,
  /^\s*import\s*['"]([^'"]+)['"]/gm,
  /\b(?:import|require|require\.resolve|import\.meta\.resolve)\(\s*['"`]([^'"`]+)['"`]/g,
  /\bnew (?:URL|Worker)\(\s*['"`](\.[^'"`]*\.[cm]?[jt]s)['"`]/g,
];
const environment =
  /\bprocess\s*(?:\.|\?\.)\s*env\b|\bprocess\s*\[|\bimport\s*\{[^}]*\benv\b[^}]*\}\s*from\s*'(?:node:)?process'/;
const isTest = (file: string): boolean => /\.(?:test|contract|test-d)\.ts$|(?:^|\/)testing\//.test(file);

function partOf(path: string): string | undefined {
  return Object.keys(parts)
    .filter((part) => path === part || path.startsWith(`${part}/`))
    .sort((a, b) => b.length - a.length)[0];
}

function importFault(part: string, file: string, specifier: string): string | null {
  if (!specifier.startsWith('.')) return packageFault(part, specifier);
  const target = join(dirname(file), specifier);
  if (isTest(target)) return 'what is only for tests does not belong in the program';
  const targetPart = partOf(target);
  if (targetPart === undefined) return `${target} is of no part that scripts/imports/rules.ts knows`;
  if (targetPart === part || parts[part]?.includes(targetPart)) return null;
  return `${part} may not import ${targetPart}`;
}

function faultsOf(file: string, source: string): string[] {
  const part = partOf(file);
  if (part === undefined) return [`${file}: its folder is not in scripts/imports/rules.ts`];
  const code = source.replace(/^\s*(?:\/?\*|\/\/).*$/gm, '');
  const specifiers = importForms.flatMap((form) => [...code.matchAll(form)].map((match) => match[1] ?? ''));
  const faults = specifiers.flatMap((specifier) => {
    const fault = importFault(part, file, specifier);
    return fault === null ? [] : [`${file}: '${specifier}': ${fault}`];
  });
  if (part !== readsEnvironment && environment.test(code)) {
    faults.push(`${file}: only ${readsEnvironment} reads the environment`);
  }
  return faults;
}

/** Checks the project in `root`. */
export function checkImports(root: string): ImportReport {
  const files = globSync(['src/**/*.ts', 'schema/**/*.ts', 'resolvers/**/*.ts', 'loaders/**/*.ts'], {
    cwd: root,
  })
    .map((file) => relative(root, join(root, file)).replaceAll('\\', '/'))
    .filter((file) => !isTest(file))
    .sort();
  const faults = files.flatMap((file) => faultsOf(file, readFileSync(join(root, file), 'utf8')));
  return { filesRead: files.length, faults };
}
