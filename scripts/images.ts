// npm run images: the images of the platform; for workflows, which of them a change concerns.
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { images, isChanged } from './lib/images.ts';

const usage = `usage: npm run images -- [--since REVISION]

Prints a line for each image: its name, the folder of its sources (SERVICE), its Dockerfile, and where its digest belongs in the charts' values.
  --since REVISION   instead one line, images=JSON, that also says which have changed; all where there is no such revision`;

/** Files that changed since a revision; undefined where it is not there. */
function changedSince(revision: string): string[] | undefined {
  try {
    const args = ['diff', '--name-only', '--end-of-options', revision, 'HEAD'];
    return execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).split('\n');
  } catch {
    // A new branch, or history that was written anew.
    return undefined;
  }
}

const { since, help } = parseArgs({ options: { since: { type: 'string' }, help: { type: 'boolean' } } }).values;
if (help) console.log(usage);
else if (since === undefined)
  for (const { image, service, file, values } of images()) console.log(`${image} ${service} ${file} ${values}`);
else {
  const files = changedSince(since);
  const matrix = images().map((image) => ({ ...image, changed: files === undefined || isChanged(image, files) }));
  console.log(`images=${JSON.stringify(matrix)}`);
}
