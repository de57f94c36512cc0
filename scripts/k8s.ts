// npm run k8s:render: the chart with k8s/values.yaml -> k8s/, for whoever has no Helm.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { renderedFiles } from './lib/k8s.ts';

for (const [name, text] of Object.entries(await renderedFiles())) {
  const file = join('k8s', name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  console.log(`wrote ${file}`);
}
