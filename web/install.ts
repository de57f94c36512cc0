// node install.ts FOLDER: puts the built pages into a folder, for a gateway to serve them from.
import { cpSync } from 'node:fs';
import { join } from 'node:path';

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error('say which folder the pages go to: node install.ts FOLDER');
  process.exit(1);
}
cpSync(join(import.meta.dirname, 'dist'), folder, { recursive: true });
