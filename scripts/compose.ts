// npm run compose: rover.yaml and the SDL files it names -> schema/supergraph.graphql.
// With --check it writes nothing and fails where the committed file differs.
import { readFileSync, writeFileSync } from 'node:fs';
import { composeSupergraph, CompositionFailed } from './lib/composition.ts';

const target = 'schema/supergraph.graphql';
const usage = `usage: npm run compose [-- --check]

Composes the subgraphs that rover.yaml lists into ${target}.
  --check   write nothing; exit 1 where ${target} is not what the subgraphs compose to`;

const unknown = process.argv.slice(2).filter((arg) => arg !== '--check' && arg !== '--help');
if (process.argv.includes('--help') || unknown.length > 0) {
  console.log(unknown.length > 0 ? `unknown option ${unknown[0]}\n\n${usage}` : usage);
  process.exit(unknown.length > 0 ? 2 : 0);
}

try {
  const { supergraphSdl, hints } = composeSupergraph('rover.yaml');
  for (const hint of hints) console.warn(`hint: ${hint}`);
  if (!process.argv.includes('--check')) {
    writeFileSync(target, supergraphSdl);
    console.log(`wrote ${target}`);
  } else if (readFileSync(target, 'utf8') !== supergraphSdl) {
    console.error(`${target} is not what the subgraphs compose to: run \`npm run compose\` and commit the result`);
    process.exit(1);
  }
} catch (error) {
  if (!(error instanceof CompositionFailed)) throw error;
  for (const line of error.problems) console.error(line);
  process.exit(1);
}
