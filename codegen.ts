/**
 * Types for the documents of examples/typed-client, made of the printed schema: the same few lines any client of
 * Backscroll needs. `npm run codegen` writes them, `npm run codegen:check` fails when they are out of date.
 */
import type { CodegenConfig } from '@graphql-codegen/cli';

const config: CodegenConfig = {
  schema: 'schema/schema.graphql',
  documents: ['examples/typed-client/*.ts', '!examples/typed-client/*.test.ts'],
  generates: {
    'examples/typed-client/generated/': {
      preset: 'client',
      presetConfig: {
        // Results are read where they are asked for; nothing here is masked.
        fragmentMasking: false,
      },
      config: {
        documentMode: 'string',
        enumsAsTypes: true,
        useTypeImports: true,
        importExtension: '.ts',
        scalars: { ID: 'string', DateTime: 'string', JSONObject: 'Record<string, unknown>', UUID: 'string' },
        // A scalar without a type here would silently be anything.
        strictScalars: true,
      },
    },
  },
  importExtension: '.ts',
};

export default config;
