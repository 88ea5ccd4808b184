/** For fields that find one thing by its id or by its handle. */
import { badInput } from '../../src/chat/errors.ts';

export interface IdOrHandle {
  readonly id?: string | null | undefined;
  readonly handle?: string | null | undefined;
}

/** Throws BAD_USER_INPUT unless exactly one is given. */
export function oneOf({ id, handle }: IdOrHandle): { readonly id: string } | { readonly handle: string } {
  if (id != null && handle == null) return { id };
  if (handle != null && id == null) return { handle };
  throw badInput('Give either `id` or `handle`.');
}
