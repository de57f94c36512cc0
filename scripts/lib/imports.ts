import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

const subgraphs = ['subgraphs/task', 'subgraphs/scheduler', 'subgraphs/notification', 'subgraphs/analytics'];

/** The workspaces whose code a workspace may import, beside its own. Imports go one way. */
const allowed: Record<string, string[]> = {
  'packages/service': [],
  gateway: ['packages/service'],
  'subgraphs/task': ['packages/service'],
  'subgraphs/scheduler': ['packages/service'],
  'subgraphs/notification': ['packages/service'],
  'subgraphs/analytics': ['packages/service'],
  dev: ['packages/service'],
  web: [],
  // Its attacks on the supply chain use the checks.
  e2e: ['packages/service', 'dev', 'scripts'],
  bench: ['packages/service', 'gateway', 'dev', 'e2e'],
  // They generate from every app's settings, and test what comes of that.
  scripts: ['packages/service', 'gateway', 'dev', ...subgraphs],
  helm: ['packages/service', 'gateway', 'dev', 'scripts', 'e2e', ...subgraphs],
  observability: ['packages/service', 'dev', 'scripts', 'e2e'],
  image: ['packages/service', 'scripts', 'e2e'],
};

const importOf = /(?:from|import\()\s*'([^']+)'/g;
const ours: Record<string, string> = { '@todo/service': 'packages/service', '@todo/dev': 'dev' };

const workspaceOf = (file: string): string | undefined => Object.keys(allowed).find((w) => file.startsWith(`${w}/`));

/** Every import that goes the wrong way, as `file: why`. */
export function wrongImports(): string[] {
  const problems: string[] = [];
  for (const file of globSync(
    '{packages,gateway,subgraphs,dev,web,e2e,bench,scripts,helm,observability,image}/**/*.{ts,tsx}',
    {
      exclude: ['**/node_modules/**'],
    },
  )) {
    const from = workspaceOf(file);
    if (!from) continue;
    for (const [, specifier = ''] of readFileSync(file, 'utf8').matchAll(importOf)) {
      const named = ours[specifier.split('/').slice(0, 2).join('/')];
      const to = specifier.startsWith('.') ? workspaceOf(normalize(join(dirname(file), specifier))) : named;
      if (to && to !== from && !allowed[from]?.includes(to))
        problems.push(`${file}: ${from} must not import ${specifier}`);
    }
  }
  return problems;
}

/** Every line of the gateway that speaks of the domain it serves. */
export function domainWords(): string[] {
  const words = /\b(tasks?|todo(?!\/)|reminders?|notifications?)\b/i;
  return globSync('gateway/src/**/*.ts').flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((line, i) =>
        words.test(line) ? [`${file}:${i + 1}: the gateway knows no domain: ${line.trim()}`] : [],
      ),
  );
}
