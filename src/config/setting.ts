/**
 * One setting: an environment variable with what `--help` and a fault say of it. The concerns (server.ts,
 * stores.ts, auth.ts, log.ts) are zod models made of these.
 */
import { z } from 'zod';

export interface About {
  /** What it is for, in a few words: the line of `--help`. */
  readonly meaning: string;
  /** The default as `--help` shows it. */
  readonly fallback: string;
  /** What a value must be: the end of a fault's sentence, after "expected". */
  readonly expected: string;
  /** Its value is never written anywhere: it is a key, or holds a password. */
  readonly isSecret?: true;
}

const registry = z.registry<About>();

/** Puts the words to a model of one variable's text. */
export function setting<Model extends z.ZodType>(model: Model, about: About): Model {
  registry.add(model, about);
  return model;
}

/** The words of a setting. Every field of a concern's model was made by `setting`. */
export function aboutSetting(model: z.core.$ZodType): About {
  const about = registry.get(model);
  if (about === undefined) throw new Error('A setting was declared without setting()');
  return about;
}

/** Text that is an URL of one of these schemes, `postgres:` for instance. */
export const urlOf = (schemes: readonly string[]) =>
  z
    .string()
    .refine((text) => URL.canParse(text) && schemes.includes(new URL(text).protocol))
    .optional();
