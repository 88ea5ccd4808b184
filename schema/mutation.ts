import { builder } from './builder.ts';

/** Its fields lie in mutations/, by what they are about. */
builder.mutationType({});
