/** `org`: organizations, and the cells that keep their messages. */
import type { Command } from 'commander';
import { isSlug } from '../auth/claims.ts';
import { limits } from '../chat/limits.ts';
import { readConfig } from '../config/config.ts';
import { createLogger } from './logger.ts';
import { Mistake } from './mistake.ts';

export function registerOrganizations(program: Command): void {
  const org = program.command('org').description('organizations');
  org
    .command('create')
    .description('make an organization; its people come with their first valid token')
    .argument('<slug>', 'its short name, which tokens carry as `org`: 1 to 40 of a-z 0-9 . _ -')
    .option('--name <name>', 'its name in full')
    .option(
      '--cell <name>',
      'the cell that keeps its messages, for good: `default`, or that of a CELL_<NAME>',
    )
    .action(create);
  org
    .command('list')
    .description('list all organizations: their cell, how many people they have, whether the cell answers')
    .action(list);
}

async function opened() {
  const config = readConfig();
  const { withPeople } = await import('../app/people.ts');
  const { cellsOf } = await import('../app/cells.ts');
  return { config, options: { logger: createLogger(config.log.level) }, withPeople, cells: cellsOf(config) };
}

async function create(
  slug: string,
  { name = slug, cell = 'default' }: { readonly name?: string; readonly cell?: string },
): Promise<void> {
  if (!isSlug(slug)) {
    throw new Mistake(
      `${JSON.stringify(slug)} cannot be a slug: take 1 to 40 of a-z 0-9 . _ - with a letter or digit at both ends.`,
    );
  }
  const shown = name.trim();
  if (shown === '' || shown.length > limits.nameUnits || /\p{Cc}/u.test(shown)) {
    throw new Mistake(`The name must have 1 to ${limits.nameUnits} characters, on one line.`);
  }
  const { config, options, withPeople, cells } = await opened();
  // Variables are written in capitals; a cell's name is not.
  const wanted = cell.toLowerCase();
  if (!cells.some((configured) => configured.name === wanted)) {
    throw new Mistake(
      `There is no cell ${JSON.stringify(cell)}: the settings have ${cells.map((c) => c.name).join(', ')}. Set CELL_${cell.toUpperCase()} for another.`,
    );
  }
  await withPeople(config, options, async ({ organizations }) => {
    const made = await organizations.create({ slug, name: shown, cell: wanted });
    if (made === null) throw new Mistake(`There is an organization ${slug} already.`);
    const where = cells.length === 1 ? '' : ` in cell ${made.cell}`;
    print(`Made organization ${made.slug} (${made.name})${where}.`);
  });
}

async function list(): Promise<void> {
  const { config, options, withPeople } = await opened();
  const all = await withPeople(config, options, ({ organizations }) => organizations.list());
  if (all.length === 0) {
    print('There is no organization yet. Make one: npm run cli -- org create SLUG');
    return;
  }
  const { statesOfCells } = await import('../app/cell-states.ts');
  const states = await statesOfCells(config, new Set(all.map(({ cell }) => cell)));
  const rows = all.map(({ slug, name, cell, people }) => [
    slug,
    name,
    cell,
    String(people),
    states.get(cell)?.state ?? '',
  ]);
  for (const line of table([['SLUG', 'NAME', 'CELL', 'PEOPLE', 'STATE'], ...rows])) print(line);
  for (const [cell, { problem }] of states) if (problem !== null) print(`\ncell ${cell}: ${problem}`);
}

function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((text, i) => text.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

const print = (line: string): void => void process.stdout.write(`${line}\n`);
