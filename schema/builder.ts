/**
 * The schema builder: plugins and scalars' types. Defines no types; each lies in a file of its own,
 * and refs.ts names what stands behind each.
 */
import SchemaBuilder from '@pothos/core';
import RelayPlugin from '@pothos/plugin-relay';
import type { Context } from '../resolvers/context.ts';
import { decodeId, encodeId } from '../resolvers/global-id.ts';
import type { JsonObject } from '../src/chat/json.ts';

export interface SchemaTypes {
  Context: Context;
  DefaultFieldNullability: false;
  DefaultEdgesNullability: false;
  Scalars: {
    ID: { Input: string; Output: string };
    DateTime: { Input: Date; Output: Date };
    JSONObject: { Input: JsonObject; Output: JsonObject };
    UUID: { Input: string; Output: string };
  };
}

export const builder = new SchemaBuilder<SchemaTypes>({
  plugins: [RelayPlugin],
  defaultFieldNullability: false,
  relay: {
    // Our own `node` and `nodes` ask who may see, and refuse malformed ids with a code.
    nodeQueryOptions: false,
    nodesQueryOptions: false,
    encodeGlobalID: (type, id) => encodeId(type, String(id)),
    decodeGlobalID: (id) => {
      const { type, key } = decodeId(id);
      return { typename: type, id: key };
    },
    edgesFieldOptions: { nullable: false },
    nodeFieldOptions: { nullable: false },
  },
});
