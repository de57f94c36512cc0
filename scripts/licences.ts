// npm run licences: docs/licences.md from package-lock.json; --check only says whether it is so, and every licence known.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import prettier from 'prettier';
import { licencesOf, licencesPage, unknownLicences } from './lib/licences.ts';

const FILE = 'docs/licences.md';
const licences = licencesOf();
const options = await prettier.resolveConfig(FILE);
const page = await prettier.format(licencesPage(licences), { ...options, filepath: FILE });
const problems = unknownLicences(licences).map((line) => `nobody has looked at this licence: ${line}`);
if (process.argv.includes('--check')) {
  if (!existsSync(FILE) || readFileSync(FILE, 'utf8') !== page) problems.push(`${FILE} is out of date`);
} else writeFileSync(FILE, page);
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
