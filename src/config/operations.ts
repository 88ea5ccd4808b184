/** What one operation may ask for, and which documents may run at all. */
import { z } from 'zod';
import { limits } from '../chat/limits.ts';
import { setting } from './setting.ts';

const count = (usual: number, meaning: string) =>
  setting(
    z
      .string()
      .default(String(usual))
      .refine((text) => /^[1-9]\d{0,8}$/.test(text))
      .transform(Number),
    { meaning, fallback: usual.toLocaleString('en'), expected: 'a whole number, 1 or more' },
  );

export const operationsModel = z.object({
  PERSISTED_DOCUMENTS: setting(z.string().optional(), {
    meaning: 'JSON file {hash: document}: nothing else runs, over HTTP or WebSocket',
    fallback: 'none: any document runs',
    expected: 'a file',
  }),
  QUERY_MAX_COST: count(
    limits.operation.cost,
    "values that an operation's answer may hold, by the pages it asks for",
  ),
  QUERY_MAX_DEPTH: count(limits.operation.depth, 'fields within each other in an operation'),
  QUERY_MAX_ALIASES: count(limits.operation.aliases, 'aliases in a document'),
  QUERY_MAX_DIRECTIVES: count(limits.operation.directives, 'directives in a document'),
  QUERY_MAX_TOKENS: count(limits.operation.tokens, 'tokens of a document'),
});
