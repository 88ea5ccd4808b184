import type { Context } from '../../resolvers/context.ts';

/** Mutations of one request run one after the other: each forgets what was loaded for the one before it. */
export const fresh =
  <Input, Payload>(resolver: (input: Input, context: Context) => Promise<Payload>) =>
  (_root: unknown, args: { input: Input }, context: Context): Promise<Payload> => {
    context.loaders.clear();
    return resolver(args.input, context);
  };
