import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { parseDocument } from 'yaml';
import { images, isChanged } from './images.ts';

const changed = (...files: string[]): string[] =>
  images()
    .filter((image) => isChanged(image, files))
    .map(({ image }) => image);
const all = images().map(({ image }) => image);

it('there is one for each app, one that creates the topics, and one of the pages', () => {
  expect(images()).toContainEqual({
    image: 'todo-api-gateway',
    service: 'gateway',
    file: 'Dockerfile',
    values: 'api-gateway',
  });
  expect(images()).toContainEqual({ image: 'todo-dev', service: 'dev', file: 'Dockerfile', values: 'topics' });
  expect(all).toHaveLength(7);
  const values = parseDocument(readFileSync('helm/todo-umbrella/values.yaml', 'utf8'));
  for (const image of images())
    expect([image.values, values.hasIn(image.values.split('.'))]).toEqual([image.values, true]);
});

it('what all are made of changes all', () => {
  expect(changed('package-lock.json')).toEqual(all);
  const services = all.filter((image) => image !== 'todo-web');
  for (const file of ['Dockerfile', 'schema/task.graphql', 'packages/service/src/events.ts'])
    expect(changed(file)).toEqual(services);
});

it('what one is made of changes that one', () => {
  expect(changed('subgraphs/task/src/main.ts')).toEqual(['todo-task-service']);
  expect(changed('web/src/app.tsx')).toEqual(['todo-web']);
  for (const file of ['web/Dockerfile', 'tsconfig.json']) expect(changed(file)).toEqual(['todo-web']);
  expect(changed('gateway/src/config.ts', 'dev/src/main.ts')).toEqual(['todo-api-gateway', 'todo-dev']);
});

it('what is in none changes none', () => {
  expect(changed('README.md', 'e2e/smoke.test.ts', 'gateway/src/config.test.ts', 'helm/common/Chart.yaml')).toEqual([]);
});
