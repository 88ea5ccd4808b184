/** Mutation.updateProfile: what is left out stays; a null avatarUrl takes the picture away. */
import type { User } from '../../src/chat/people/port.ts';
import { type Context, viewerOf } from '../context.ts';

export interface UpdateProfileInput {
  readonly name?: string | null | undefined;
  readonly avatarUrl?: string | null | undefined;
}

export async function updateProfile(
  { name, avatarUrl }: UpdateProfileInput,
  context: Context,
): Promise<{ readonly user: User }> {
  const user = await context.chat.people.updateProfile(viewerOf(context), {
    ...(name == null ? {} : { name }),
    ...(avatarUrl === undefined ? {} : { avatarUrl }),
  });
  return { user };
}
