/**
 * The schema builder: plugins, scalars' types and who may ask. Defines no types; each lies in a file of its own,
 * and refs.ts names what stands behind each.
 */
import SchemaBuilder from '@pothos/core';
import RelayPlugin from '@pothos/plugin-relay';
import ScopeAuthPlugin from '@pothos/plugin-scope-auth';
import type { Context } from '../resolvers/context.ts';
import { decodeId, encodeId } from '../resolvers/global-id.ts';
import { unauthenticated } from '../src/chat/errors.ts';
import type { JsonObject } from '../src/chat/json.ts';

export interface SchemaTypes {
  Context: Context;
  DefaultFieldNullability: false;
  DefaultEdgesNullability: false;
  AuthScopes: { signedIn: boolean };
  Scalars: {
    ID: { Input: string; Output: string };
    DateTime: { Input: Date; Output: Date };
    JSONObject: { Input: JsonObject; Output: JsonObject };
    UUID: { Input: string; Output: string };
  };
}

export const builder = new SchemaBuilder<SchemaTypes>({
  plugins: [ScopeAuthPlugin, RelayPlugin],
  defaultFieldNullability: false,
  scopeAuth: {
    // Without it a subscription would be opened first and refused event by event.
    authorizeOnSubscribe: true,
    // Not by the viewer: an event that asks for who it is would be executed for each.
    authScopes: (context) => ({ signedIn: context.isSignedIn }),
    unauthorizedError: () => unauthenticated(),
  },
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
