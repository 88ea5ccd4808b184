/** JSONObject: any JSON object, from a variable or written in the document. */
import { GraphQLError, Kind, type ValueNode } from 'graphql';
import type { JsonObject, JsonValue } from '../../src/chat/json.ts';
import { builder } from '../builder.ts';

const MESSAGE = 'JSONObject is a JSON object, like {"key": "value"}.';

/** Nesting a value may have to be looked at; the domain refuses less, but nothing here may exhaust the stack. */
const MAX_DEPTH = 64;

function isJson(value: unknown, depth: number): value is JsonValue {
  if (depth > MAX_DEPTH) throw new GraphQLError('JSONObject is nested too deeply.');
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value);
    case 'object':
      return value === null || Object.values(value).every((inner) => isJson(inner, depth + 1));
    default:
      return false;
  }
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function parseJsonObject(value: unknown): JsonObject {
  if (!isObject(value) || !isJson(value, 0)) throw new GraphQLError(MESSAGE);
  // isJson has looked at every value inside.
  return value as JsonObject;
}

/** What a literal in the document says. Object.fromEntries keeps a key like `__proto__` a plain key. */
function literal(
  node: ValueNode,
  variables: { readonly [name: string]: unknown } | null | undefined,
  depth: number,
): unknown {
  if (depth > MAX_DEPTH) throw new GraphQLError('JSONObject is nested too deeply.', { nodes: node });
  switch (node.kind) {
    case Kind.NULL:
      return null;
    case Kind.STRING:
    case Kind.BOOLEAN:
      return node.value;
    case Kind.INT:
    case Kind.FLOAT:
      return Number(node.value);
    case Kind.LIST:
      return node.values.map((inner) => literal(inner, variables, depth + 1));
    case Kind.OBJECT:
      return Object.fromEntries(
        node.fields.map((field) => [field.name.value, literal(field.value, variables, depth + 1)]),
      );
    case Kind.VARIABLE:
      return variables?.[node.name.value] ?? null;
    case Kind.ENUM:
      throw new GraphQLError(MESSAGE, { nodes: node });
  }
}

builder.scalarType('JSONObject', {
  description: 'Any JSON object. Unknown keys are kept as they came.',
  serialize: (value) => value,
  parseValue: parseJsonObject,
  parseLiteral: (node, variables) => parseJsonObject(literal(node, variables, 0)),
});
