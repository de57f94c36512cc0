import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import composition from '@apollo/composition';
import { GraphQLError, type DocumentNode, Source, parse as parseGraphQL, visit } from 'graphql';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { readTopics, TopicProblems } from '../../gateway/src/subscriptions/topics.ts';

const roverConfig = z.strictObject({
  federation_version: z.string().optional(),
  subgraphs: z.record(
    z.string(),
    z.strictObject({ routing_url: z.string(), schema: z.strictObject({ file: z.string() }) }),
  ),
});

/** The subgraphs do not compose. `problems` has one line each, with file, line and column where they are known. */
export class CompositionFailed extends Error {
  readonly problems: string[];
  constructor(problems: string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

/** One subgraph of rover.yaml, parsed; its source is named after its file. */
type SubgraphSource = { name: string; url: string; file: string; typeDefs: DocumentNode };

/**
 * Reads rover.yaml and every SDL file that it names.
 * @throws CompositionFailed where the file is not rover's format or an SDL file is missing or does not parse
 */
function readSubgraphs(roverFile: string): SubgraphSource[] {
  const config = roverConfig.safeParse(parseYaml(readFileSync(roverFile, 'utf8')));
  if (!config.success)
    throw new CompositionFailed(config.error.issues.map((i) => `${roverFile}: ${i.path.join('.')}: ${i.message}`));
  const problems: string[] = [];
  const subgraphs: SubgraphSource[] = [];
  for (const [name, { routing_url: url, schema }] of Object.entries(config.data.subgraphs)) {
    const file = relative('.', join(dirname(roverFile), schema.file));
    try {
      subgraphs.push({ name, url, file, typeDefs: parseGraphQL(new Source(readFileSync(file, 'utf8'), file)) });
    } catch (error) {
      problems.push(
        error instanceof GraphQLError ? describe(error, new Map()) : `${file}: ${(error as Error).message}`,
      );
    }
  }
  if (problems.length > 0) throw new CompositionFailed(problems);
  return subgraphs;
}

/**
 * Composes what rover.yaml lists.
 * @throws CompositionFailed with every problem that @apollo/composition reports, or every `@topic` that the gateway
 * would refuse
 */
export function composeSupergraph(roverFile: string): { supergraphSdl: string; hints: string[] } {
  const subgraphs = readSubgraphs(roverFile);
  const files = new Map(subgraphs.map((s) => [s.name, s.file]));
  const result = composition.composeServices(subgraphs);
  if (result.errors) throw new CompositionFailed(result.errors.map((error) => describe(error, files)));
  const topicProblems = subgraphs.flatMap(problemsOfTopics);
  if (topicProblems.length > 0) throw new CompositionFailed(topicProblems);
  return { supergraphSdl: `${result.supergraphSdl.trimEnd()}\n`, hints: result.hints.map((hint) => hint.message) };
}

/** What the gateway would refuse of a subgraph's `@topic`s, with the place of the field. */
function problemsOfTopics({ typeDefs, file }: SubgraphSource): string[] {
  try {
    readTopics(typeDefs);
    return [];
  } catch (error) {
    if (!(error instanceof TopicProblems)) throw error;
    return error.problems.map((problem) => {
      const name = /^Subscription\.(\w+)/.exec(problem)?.[1];
      let place = file;
      visit(typeDefs, {
        FieldDefinition({ name: field, directives, loc }) {
          if (field.value === name && loc && directives?.some((directive) => directive.name.value === 'topic'))
            place = `${file}:${loc.startToken.line}:${loc.startToken.column}`;
        },
      });
      return `${place}: ${problem}`;
    });
  }
}

function describe(error: GraphQLError, files: Map<string, string>): string {
  const code = error.extensions['code'] ? ` [${String(error.extensions['code'])}]` : '';
  const places = (error.nodes ?? []).flatMap((node) => {
    if (!node.loc) return [];
    const named = 'subgraph' in node ? files.get(String(node.subgraph)) : undefined;
    return [`${named ?? node.loc.source.name}:${node.loc.startToken.line}:${node.loc.startToken.column}`];
  });
  if (places.length === 0 && error.source && error.locations)
    places.push(...error.locations.map((at) => `${error.source?.name}:${at.line}:${at.column}`));
  return `${places.length > 0 ? `${places.join(', ')}: ` : ''}${error.message}${code}`;
}
