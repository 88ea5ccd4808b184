/**
 * `npm run contract -- FILE [SCHEMA]`: lists what the contract in FILE has and the committed schema has not yet, and
 * fails (1) for what both have and differs. 2: it could not compare.
 */
import { readFileSync } from 'node:fs';
import { buildSchema, type GraphQLSchema } from 'graphql';
import { compareWithContract } from './contract/compare.ts';

function quit(message: string): never {
  console.error(message);
  process.exit(2);
}

function read(file: string): GraphQLSchema {
  try {
    return buildSchema(readFileSync(file, 'utf8'));
  } catch (error) {
    return quit(`Cannot read ${file} as a GraphQL schema: ${error instanceof Error ? error.message : error}`);
  }
}

const [contractFile, schemaFile = 'schema/schema.graphql'] = process.argv.slice(2);
if (contractFile === undefined) {
  quit(`Usage: npm run contract -- FILE\nFILE: the contract's schema; it is compared with ${schemaFile}.`);
}

const { missing, differing } = compareWithContract(read(contractFile), read(schemaFile));
console.log(`Not there yet: ${missing.length}`);
for (const name of missing) console.log(`  ${name}`);
console.log(`Differs: ${differing.length}`);
for (const what of differing) console.error(`  ${what}`);
process.exitCode = differing.length > 0 ? 1 : 0;
