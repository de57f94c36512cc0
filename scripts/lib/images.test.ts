import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { images, isChanged } from './images.ts';

const changed = (...files: string[]): string[] =>
  images()
    .filter((image) => isChanged(image, files))
    .map(({ image }) => image);
const all = images().map(({ image }) => image);

it('there is one for each app, and one that creates the topics', () => {
  expect(images()).toContainEqual({ image: 'todo-api-gateway', service: 'gateway', values: 'api-gateway' });
  expect(images()).toContainEqual({ image: 'todo-dev', service: 'dev', values: 'topics' });
  expect(all).toHaveLength(6);
  const values = parse(readFileSync('helm/todo-umbrella/values.yaml', 'utf8')) as object;
  for (const image of images()) expect(Object.keys(values)).toContain(image.values);
});

it('what all are made of changes all', () => {
  for (const file of ['Dockerfile', 'package-lock.json', 'schema/task.graphql', 'packages/service/src/events.ts'])
    expect(changed(file)).toEqual(all);
});

it('what one is made of changes that one', () => {
  expect(changed('subgraphs/task/src/main.ts')).toEqual(['todo-task-service']);
  expect(changed('gateway/src/config.ts', 'dev/src/main.ts')).toEqual(['todo-api-gateway', 'todo-dev']);
});

it('what is in none changes none', () => {
  expect(changed('README.md', 'e2e/smoke.test.ts', 'gateway/src/config.test.ts', 'helm/common/Chart.yaml')).toEqual([]);
});
