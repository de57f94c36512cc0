import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { kubectl } from './cluster.ts';

// The API server says what it would do; nothing of it but the namespace is made.
beforeAll(async () => {
  await kubectl('apply', '-f', 'k8s/base/namespace.yaml');
});
afterAll(async () => {
  await kubectl('delete', '-f', 'k8s/base/namespace.yaml', '--wait=false');
});

test('the API takes every manifest of k8s/, and has nothing to warn of', async () => {
  const answer = await kubectl('apply', '-k', 'k8s', '--dry-run=server', '--warnings-as-errors', '--validate=strict');
  const lines = answer.trim().split('\n');
  expect(lines.length).toBeGreaterThan(50);
  for (const line of lines) expect(line).toMatch(/(created|configured|unchanged) \(server dry run\)$/);
});
