// npm run config-schema: the JSON schema of the gateway's configuration file -> gateway/config.schema.json.
// With --check it writes nothing and fails where the committed file differs.
import { readFileSync, writeFileSync } from 'node:fs';
import { configFileSchema } from '../gateway/src/config-file.ts';

const file = 'gateway/config.schema.json';
const schema = configFileSchema();
if (!process.argv.includes('--check')) {
  writeFileSync(file, schema);
  console.log(`wrote ${file}`);
} else if (readFileSync(file, 'utf8') !== schema) {
  console.error(`${file} is out of date: run \`npm run config-schema\` and commit the result`);
  process.exitCode = 1;
}
