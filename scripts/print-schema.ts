/**
 * `npm run schema:print` writes the schema as the server has it to schema/schema.graphql: what clients, codegen and
 * reviews read. `npm run schema:check` fails when the committed file is not that.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { schema } from '../schema/index.ts';

const file = new URL('../schema/schema.graphql', import.meta.url);
const printed = `# Printed by \`npm run schema:print\`; change the files beside it.\n${printSchema(lexicographicSortSchema(schema))}\n`;

if (process.argv.includes('--check')) {
  if (readFileSync(file, 'utf8') !== printed) {
    console.error('schema/schema.graphql is not what the code says: npm run schema:print, and commit it');
    process.exitCode = 1;
  }
} else {
  writeFileSync(file, printed);
}
