/**
 * Makes every resolver reject where it would throw. graphql-js gives a list up at the first item that throws, and then
 * nobody waits for the promises of the items before it: one of them that rejects later is an unhandled rejection, which
 * ends the process. A promise is always waited for.
 */
import { type GraphQLSchema, isInterfaceType, isObjectType } from 'graphql';

/** The same schema. */
export function rejecting(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!(isObjectType(type) || isInterfaceType(type)) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      const { resolve } = field;
      if (resolve === undefined) continue;
      field.resolve = (source, args, context, info) => {
        try {
          return resolve(source, args, context, info);
        } catch (error) {
          return Promise.reject(error);
        }
      };
    }
  }
  return schema;
}
