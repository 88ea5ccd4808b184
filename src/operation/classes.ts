/** The classes of those who follow the same now: found by what they asked for, gone with the last of them. */
import {
  type DocumentNode,
  type ExecutionArgs,
  type GraphQLSchema,
  getOperationAST,
  type OperationDefinitionNode,
} from 'graphql';
import { Gate } from '../chat/gate.ts';
import type { Viewer } from '../chat/viewer.ts';
import { canonicalJson } from './canonical-json.ts';
import { RenderClass, type RenderClassPorts } from './render-class.ts';
import { resumeVariables, withoutResume } from './resume-variables.ts';

/** Groups of executions for each viewer under way at a time, in all classes. */
const GROUPS_AT_ONCE = 4;

/** A place in a class; given back by one `leave`. */
export interface Joined {
  readonly class: RenderClass;
  leave(): void;
}

interface Entry {
  readonly key: string;
  readonly class: RenderClass;
  followers: number;
}

/** What is known of one document. */
interface OfDocument {
  readonly resuming: ReadonlySet<string>;
  readonly entries: Map<string, Entry>;
}

export class Classes {
  readonly #schema: GraphQLSchema;
  readonly #ports: RenderClassPorts;
  readonly #documents = new WeakMap<DocumentNode, OfDocument>();
  #size = 0;

  constructor(schema: GraphQLSchema, ports: Omit<RenderClassPorts, 'turns'>) {
    this.#schema = schema;
    this.#ports = { ...ports, turns: new Gate(GROUPS_AT_ONCE) };
  }

  /** Classes with followers. */
  get size(): number {
    return this.#size;
  }

  /** @param args of a valid subscription. */
  join(args: ExecutionArgs, viewer: Viewer | null): Joined {
    const operation = getOperationAST(args.document, args.operationName);
    if (!operation) throw new Error('a subscription without an operation was followed');
    const { resuming, entries } = this.#of(args.document);
    const variableValues = withoutResume(operation, resuming, args.variableValues ?? {});
    const key = keyOf(operation, variableValues, viewer);
    const entry = entries.get(key) ?? this.#make(key, { ...args, variableValues }, viewer);
    entries.set(key, entry);
    entry.followers += 1;
    return { class: entry.class, leave: () => this.#leave(entries, entry) };
  }

  #of(document: DocumentNode): OfDocument {
    const known = this.#documents.get(document);
    if (known !== undefined) return known;
    const made = { resuming: resumeVariables(this.#schema, document), entries: new Map<string, Entry>() };
    this.#documents.set(document, made);
    return made;
  }

  #make(key: string, args: ExecutionArgs, viewer: Viewer | null): Entry {
    this.#size += 1;
    return { key, class: new RenderClass(args, viewer, this.#ports), followers: 0 };
  }

  #leave(entries: Map<string, Entry>, entry: Entry): void {
    entry.followers -= 1;
    if (entry.followers > 0) return;
    entry.class.close();
    entries.delete(entry.key);
    this.#size -= 1;
  }
}

/**
 * What a rendering for all may depend on: which operation, its variables, and of the viewer only the organization,
 * with where its logs lie and how they are numbered. The schema cannot see more: its context has no viewer.
 */
const keyOf = (
  { name }: OperationDefinitionNode,
  variables: { readonly [name: string]: unknown },
  viewer: Viewer | null,
): string => canonicalJson([name?.value ?? null, viewer?.tenant ?? null, variables]);
