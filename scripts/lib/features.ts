import { existsSync, readFileSync } from 'node:fs';
import { gatewayConfig } from '../../gateway/src/config.ts';

const FILE = 'docs/gateway.md';
const settings = new Set(Object.keys(gatewayConfig.in.shape));

/** What docs/gateway.md names that is not there: tests, settings, links; and tables whose rows lack a cell. */
export function featureDrift(file = FILE): string[] {
  const text = readFileSync(file, 'utf8');
  return [...missingTests(text), ...rowProblems(text), ...linkProblems(text)].map((problem) => `${file}: ${problem}`);
}

/** Tests are named as from gateway/src, or with their folder as from the top. */
function missingTests(text: string): string[] {
  const named = new Set([...text.matchAll(/`([\w./-]+\.test\.ts)`/g)].map(([, path = '']) => path));
  return [...named]
    .filter((path) => !existsSync(`gateway/src/${path}`) && !(path.startsWith('e2e/') && existsSync(path)))
    .map((path) => `there is no test ${path}`);
}

/** The first line of a table says which column has settings and which one the tests. */
function rowProblems(text: string): string[] {
  const problems: string[] = [];
  let header: string[] = [];
  for (const line of text.split('\n')) {
    if (!line.startsWith('|')) {
      header = [];
      continue;
    }
    const cells = line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
    if (header.length === 0) {
      header = cells;
      continue;
    }
    const [feature = ''] = cells;
    if (/^-+$/.test(feature)) continue;
    if (cells.length !== header.length)
      problems.push(`"${feature}" has ${cells.length} cells instead of ${header.length}`);
    const given = cells[header.indexOf('settings')] ?? '';
    for (const [, name = ''] of given.matchAll(/`([A-Z_]+)`/g))
      if (!settings.has(name)) problems.push(`"${feature}": there is no setting ${name}`);
    const tests = cells[header.indexOf('shown by')];
    if (tests !== undefined && !/\.test\.ts`|`npm run /.test(tests)) problems.push(`"${feature}" names no test`);
  }
  return problems;
}

/** Links by name, as `[text][name]`: each is defined, and nothing else. */
function linkProblems(text: string): string[] {
  const used = new Set([...text.matchAll(/\]\[([\w-]+)\]/g)].map(([, name = '']) => name));
  const defined = new Set([...text.matchAll(/^\[([\w-]+)\]: https:\/\/\S+$/gm)].map(([, name = '']) => name));
  return [
    ...[...used].filter((name) => !defined.has(name)).map((name) => `the link [${name}] is not defined`),
    ...[...defined].filter((name) => !used.has(name)).map((name) => `the link [${name}] is not used`),
  ];
}
