import {
  Kind,
  parse,
  valueFromASTUntyped,
  type DirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
} from 'graphql';
import { z } from 'zod';
import { compileFilter, type CompiledFilter } from './filter.ts';

/** A subscription field that topics feed: its `@topic`, and its filter compiled. */
export type TopicField = CompiledFilter & { field: string; pubsub: string; names: string[] };

/** Of a field that is for everybody. */
const OPEN: CompiledFilter = { accepts: () => true, index: undefined };

/** Subscription fields that must not be served. `problems` has one line each. */
export class TopicProblems extends Error {
  readonly problems: string[];
  constructor(problems: string[]) {
    super(problems.join('\n'));
    this.name = 'TopicProblems';
    this.problems = problems;
  }
}

const name = z.string().regex(/^[A-Za-z0-9._-]+$/, 'letters, digits, ".", "_" and "-" only');
const topicArguments = z.object({
  pubsub: name,
  // In one order: cursors go by it.
  names: z
    .array(name)
    .min(1)
    .transform((names) => [...new Set(names)].sort()),
  filter: z.string().min(1).nullish(),
  public: z.boolean().nullish(),
});

/**
 * Reads the `@topic`s of a supergraph's subscription fields, or of one subgraph's.
 * @throws TopicProblems for a filter that does not compile, for none without `public: true` (everybody would see every
 * event), and for a topic that two components carry
 */
export function readTopics(sdl: string | DocumentNode): TopicField[] {
  const document = typeof sdl === 'string' ? parse(sdl) : sdl;
  const problems: string[] = [];
  const topics: TopicField[] = [];
  for (const field of subscriptionFields(document)) {
    const directive = field.directives?.find((directive) => directive.name.value === 'topic');
    if (!directive) continue;
    try {
      topics.push(readTopic(field, directive));
    } catch (error) {
      problems.push(`Subscription.${field.name.value}: ${(error as Error).message}`);
    }
  }
  const components = new Map<string, string>();
  for (const { field, pubsub, names } of topics) {
    for (const topic of names) {
      const other = components.get(topic) ?? pubsub;
      if (other !== pubsub)
        problems.push(`Subscription.${field}: @topic ${topic} is fed by both ${other} and ${pubsub}`);
      components.set(topic, other);
    }
  }
  if (problems.length > 0) throw new TopicProblems(problems);
  return topics;
}

function readTopic(field: FieldDefinitionNode, directive: DirectiveNode): TopicField {
  const given = Object.fromEntries(
    (directive.arguments ?? []).map((argument) => [argument.name.value, valueFromASTUntyped(argument.value)]),
  );
  const parsed = topicArguments.safeParse(given);
  if (!parsed.success)
    throw new Error(
      `@topic: ${parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ')}`,
    );
  const { pubsub, names, filter, public: isPublic } = parsed.data;
  if (!filter && !isPublic) throw new Error('@topic has no filter: say who may see the events, or `public: true`');
  const argumentNames = (field.arguments ?? []).map((argument) => argument.name.value);
  return { field: field.name.value, pubsub, names, ...(filter ? compiled(filter, argumentNames) : OPEN) };
}

function compiled(filter: string, argumentNames: string[]): CompiledFilter {
  try {
    return compileFilter(filter, argumentNames);
  } catch (error) {
    throw new Error(`@topic filter "${filter}" does not compile: ${(error as Error).message}`, { cause: error });
  }
}

function subscriptionFields(document: DocumentNode): FieldDefinitionNode[] {
  let root = 'Subscription';
  for (const node of document.definitions)
    if (node.kind === Kind.SCHEMA_DEFINITION)
      root = node.operationTypes.find((type) => type.operation === 'subscription')?.type.name.value ?? root;
  return document.definitions.flatMap((node) =>
    (node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.OBJECT_TYPE_EXTENSION) && node.name.value === root
      ? (node.fields ?? [])
      : [],
  );
}
