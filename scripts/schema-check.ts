// npm run schema:check: what clients of another revision would notice of this schema.
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { composeSupergraph, CompositionFailed } from './lib/composition.ts';
import { schemaChanges } from './lib/schema-changes.ts';

const usage = `usage: npm run schema:check -- [--base REVISION] [--accept-breaking]

Composes the subgraphs and compares what clients see with the supergraph of another revision. Exit 1 where they do not
compose, or where operations that were valid may no longer be.
  --base REVISION     what to compare with; origin/main unless given
  --accept-breaking   breaking changes are told, and pass`;

const options = {
  base: { type: 'string', default: 'origin/main' },
  'accept-breaking': { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** The arguments. Ends the process where they are none. */
function readArguments() {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`);
    process.exit(2);
  }
}

/** The supergraph of a revision. Ends the process where there is none. */
function supergraphOf(revision: string): string {
  try {
    return execFileSync('git', ['show', '--end-of-options', `${revision}:schema/supergraph.graphql`], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch (error) {
    console.error(`${revision} has no schema/supergraph.graphql: ${(error as { stderr?: string }).stderr?.trim()}`);
    process.exit(2);
  }
}

const { base, help, 'accept-breaking': acceptsBreaking } = readArguments();
if (help) {
  console.log(usage);
  process.exit(0);
}
const before = supergraphOf(base);
try {
  const { breaking, dangerous } = schemaChanges(before, composeSupergraph('rover.yaml').supergraphSdl);
  for (const change of breaking) console.log(`breaking   ${change}`);
  for (const change of dangerous) console.log(`dangerous  ${change}`);
  console.log(`since ${base}: ${breaking.length} breaking changes, ${dangerous.length} dangerous ones`);
  if (breaking.length > 0 && !acceptsBreaking) process.exitCode = 1;
} catch (error) {
  if (!(error instanceof CompositionFailed)) throw error;
  for (const problem of error.problems) console.error(problem);
  process.exitCode = 1;
}
