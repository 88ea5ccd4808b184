/**
 * What can be counted of a document before it is validated, since validating is what a bad one makes dear: its aliases
 * and its directives. Counted as they are written, in every operation and fragment; what fragments come to when they are
 * spread again and again is the price's matter.
 */
import { type DocumentNode, type GraphQLError, Kind, visit } from 'graphql';
import type { OperationLimits } from './operation-limits.ts';
import { tooComplex } from './too-complex.ts';

/** Null when it may be validated. */
export function refuseCounts(
  document: DocumentNode,
  { aliases, directives }: Pick<OperationLimits, 'aliases' | 'directives'>,
): GraphQLError | null {
  let ofAliases = 0;
  let ofDirectives = 0;
  visit(document, {
    enter: (node) => {
      if (node.kind === Kind.FIELD && node.alias !== undefined) ofAliases += 1;
      else if (node.kind === Kind.DIRECTIVE) ofDirectives += 1;
    },
  });
  if (ofAliases > aliases) {
    return tooComplex(`The document has ${ofAliases} aliases; ${aliases} are allowed.`);
  }
  if (ofDirectives > directives) {
    return tooComplex(`The document uses ${ofDirectives} directives; ${directives} are allowed.`);
  }
  return null;
}
