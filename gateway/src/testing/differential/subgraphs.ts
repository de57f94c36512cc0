import subgraph from '@apollo/subgraph';
import {
  execute,
  GraphQLError,
  Kind,
  parse,
  validate,
  visit,
  type DocumentNode,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  type TypeNode,
} from 'graphql';
import { isObject, setOwn, type Data } from '../../executor/place.ts';
import type { SubgraphResponse } from '../../executor/run.ts';
import type { ReferenceRequest } from '../reference/run.ts';
import type { TestSubgraph } from '../subgraphs.ts';
import { dice } from './values.ts';

type Request = Pick<ReferenceRequest, 'query' | 'variables'>;

/** Answers as a subgraph, by name: the same request always in the same way. Throws where the subgraph is down. */
export type Answer = (subgraph: string, request: Request) => Promise<SubgraphResponse>;

/** How subgraphs answer: by which resolver, and how many in 100 places of their answers are broken, or of the names of types. */
type Behaviour = {
  resolver: GraphQLFieldResolver<Data | undefined, unknown>;
  seed: string;
  broken?: number;
  brokenTypes?: number;
};

/**
 * Subgraphs that live in this process and answer what no server that keeps to the specification would: nulls where there must be
 * none (nothing is propagated), wrong types, wrong lists, wrong names of types, names of prototypes, or nothing.
 */
export function createSubgraphs(definitions: TestSubgraph[]): (behaviour: Behaviour) => Answer {
  const schemas = new Map(
    definitions.map(({ name, typeDefs }) => {
      const strict = parse(typeDefs);
      return [name, { strict: schemaOf(strict), lenient: schemaOf(withoutNonNull(strict)) }] as const;
    }),
  );
  const documents = new Map<string, DocumentNode>();
  const documentOf = (name: string, schema: GraphQLSchema, query: string): DocumentNode => {
    const key = `${name} ${query}`;
    const known = documents.get(key);
    if (known) return known;
    const document = parse(query);
    const [invalid] = validate(schema, document);
    if (invalid) throw new Error(`the plan asks ${name} for what it does not have: ${invalid.message}: ${query}`);
    if (documents.size < 1000) documents.set(key, document);
    return document;
  };
  return ({ resolver, seed, broken = 0, brokenTypes = 0 }) =>
    async (name, { query, variables }) => {
      const schema = schemas.get(name);
      if (!schema) throw new Error(`there is no subgraph ${name}`);
      const { data, errors } = await execute({
        schema: schema.lenient,
        document: documentOf(name, schema.strict, query),
        variableValues: variables,
        fieldResolver: resolver,
      });
      const answer = JSON.parse(JSON.stringify({ data, ...(errors && { errors }) }));
      if (broken + brokenTypes === 0) return answer;
      return breakAnswer(answer, { seed, name, query, variables, broken, brokenTypes });
    };
}

/** A query as it is whatever the order of its fields, which gateways choose: it must not decide what is broken. */
const inAnyOrder = (query: string): string => (query.match(/\w+/g) ?? []).toSorted().join(' ');

function schemaOf(typeDefs: DocumentNode): GraphQLSchema {
  return subgraph.buildSubgraphSchema([{ typeDefs, resolvers: resolversOf(typeDefs) }]);
}

const typedById = ({ id }: { id: string }) => ({ __typename: id.split(':')[0], id });

/** Who is asked for an entity by its interface knows which type it is of: it is in its id. */
function resolversOf({ definitions }: DocumentNode) {
  const interfaces = definitions.filter((definition) => definition.kind === Kind.INTERFACE_TYPE_DEFINITION);
  const entities = interfaces.filter(({ directives = [] }) => directives.some(({ name }) => name.value === 'key'));
  return Object.fromEntries(entities.map(({ name }) => [name.value, { __resolveReference: typedById }]));
}

function withoutNonNull(document: DocumentNode): DocumentNode {
  const nullable = (type: TypeNode): TypeNode => {
    if (type.kind === Kind.NON_NULL_TYPE) return nullable(type.type);
    return type.kind === Kind.LIST_TYPE ? { ...type, type: nullable(type.type) } : type;
  };
  return visit(document, { FieldDefinition: (field) => ({ ...field, type: nullable(field.type) }) });
}

type Breaking = { roll: (sides: number) => number; broken: number; brokenTypes: number };
type Asked = Request & { name: string; seed: string; broken: number; brokenTypes: number };

/**
 * A subgraph as a whole, a root field, or an entity: each is always broken in the same way, with whatever else it is asked
 * for, as those who ask do not ask for the same together.
 */
function breakAnswer(answer: SubgraphResponse, { name, seed, query, variables, ...degrees }: Asked): SubgraphResponse {
  const { broken } = degrees;
  const roll = dice(seed, name);
  const entities = answer.data?.['_entities'];
  if (roll(400) < broken) throw new GraphQLError('down', { extensions: { code: 'DOWN' } });
  if (roll(400) < broken) return { data: null, errors: [{ message: 'nothing', extensions: { code: 'NOTHING' } }] };
  if (roll(400) < broken && Array.isArray(entities)) entities.pop();
  const { representations, ...rest } = variables;
  const asked = [seed, name, inAnyOrder(query.replace(/^query \w+/, 'query')), JSON.stringify(rest)];
  if (!Array.isArray(entities) && isObject(answer.data)) breakFields(answer.data, { ...degrees, roll: dice(...asked) });
  else
    entitiesIn(entities).forEach((entity, i) => {
      const representation = JSON.stringify(entitiesIn(representations)[i]);
      if (isObject(entity)) breakFields(entity, { ...degrees, roll: dice(...asked, representation) });
    });
  if (roll(400) < broken) return { ...answer, errors: [...(answer.errors ?? []), strangeError(roll)] };
  return answer;
}

function entitiesIn(list: unknown): unknown[] {
  return Array.isArray(list) ? list : [];
}

/** In ways that graphql-js, on what the answers come to, takes for errors too. */
function breakFields(object: Data, breaking: Breaking): void {
  const { roll, broken, brokenTypes } = breaking;
  for (const [key, value] of Object.entries(object).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (key === '__typename') {
      if (roll(100) < brokenTypes) object[key] = ['Statue', 'Person', 'Nothing', 'Size', 'String'][roll(5)];
    } else if (roll(100) >= broken || key === '_entities' || key === 't') {
      // `t` is generated for `__typename` alone: the gateway needs it once only, stock takes either.
      for (const inner of [value].flat(3)) if (isObject(inner)) breakFields(inner, breaking);
    } else if (Array.isArray(value)) breakList(value, roll);
    else if (isObject(value) && roll(2) === 0) addFields(value);
    else if (roll(3) === 0) delete object[key];
    else setOwn(object, key, [null, null, {}, isObject(value) ? 'text' : []][roll(4)]);
  }
}

function breakList(list: unknown[], roll: Breaking['roll']): void {
  const change = roll(3);
  if (change === 0) list.pop();
  else if (change === 1) list.push(null);
  else if (list.length > 0) list[roll(list.length)] = null;
}

function addFields(object: Data): void {
  Object.assign(object, { unasked: 1, constructor: { prototype: { polluted: true } }, toString: null });
  setOwn(object, '__proto__', { polluted: true });
}

function strangeError(roll: Breaking['roll']) {
  const paths = [undefined, [], ['nowhere'], ['_entities'], ['_entities', 99, 'x'], ['_entities', '0'], [0]];
  return { message: 'strange', path: paths[roll(paths.length)] as string[], extensions: { code: 'STRANGE' } };
}
