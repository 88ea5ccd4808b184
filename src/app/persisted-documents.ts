/** Which documents may run, by the settings. The file of kept ones is read at start, and what is wrong with it said then. */
import { readFile } from 'node:fs/promises';
import type { GraphQLSchema } from 'graphql';
import { z } from 'zod';
import type { Logger } from '../chat/logger.ts';
import type { Config } from '../config/config.ts';
import { createDocuments, type DocumentRules } from '../operation/documents.ts';
import type { PersistedDocuments } from '../operation/persisted.ts';
import { CannotStart } from './cannot-start.ts';

/** Of what codegen's client preset writes: `persisted-documents.json`. */
const fileModel = z.record(z.string().min(1), z.string().min(1));
/** Documents that are warned of by name. */
const MAX_NAMED = 10;

/** Throws CannotStart for a file that cannot be used. */
export async function documentRules(
  { limits, persistedDocuments: path }: Config['operations'],
  schema: GraphQLSchema,
  logger: Logger,
): Promise<DocumentRules> {
  if (path === null) return { limits };
  const persisted = await load(path);
  // Other versions of the clients may have the others.
  warnOfUnfit(persisted, schema, { limits }, logger);
  return { limits, persisted };
}

async function load(path: string): Promise<PersistedDocuments> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new CannotStart(`PERSISTED_DOCUMENTS is ${path}, which cannot be read.`, { cause: error });
  }
  const read = fileModel.safeParse(jsonIn(text));
  if (!read.success || Object.keys(read.data).length === 0) {
    throw new CannotStart(
      `PERSISTED_DOCUMENTS is ${path}, which is no JSON of the form {"hash": "document", …}.`,
    );
  }
  return new Map(Object.entries(read.data));
}

function warnOfUnfit(
  persisted: PersistedDocuments,
  schema: GraphQLSchema,
  rules: DocumentRules,
  logger: Logger,
): void {
  const documents = createDocuments(schema, rules);
  const unfit: { hash: string; why: string | undefined }[] = [];
  for (const [hash, text] of persisted) {
    const fault = documents.fault(text);
    if (fault !== null) unfit.push({ hash, why: fault[0]?.message });
  }
  if (unfit.length === 0) return;
  logger.warn(
    { count: unfit.length, of: persisted.size, first: unfit.slice(0, MAX_NAMED) },
    'Documents of PERSISTED_DOCUMENTS do not fit the schema or its limits: they answer with what is wrong with them.',
  );
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
