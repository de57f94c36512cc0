import { execFileSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import type { Ready } from './ready.ts';
import { mutationExample, readyScreen, subscriptionExample } from './screen.ts';

const ready: Ready = {
  urls: { graphql: 'http://localhost:4000/graphql', identity: 'http://localhost:4005', control: '/data/stack.sock' },
  apps: {},
  gateways: [],
  databases: {},
  kafkaBrokers: [],
  prometheusConfig: '.data/prometheus.yml',
};

/** What a shell makes of a command's words. */
const words = (command: string): string[] =>
  execFileSync('sh', ['-c', `printf '%s\\n' ${command}`], { encoding: 'utf8' })
    .trimEnd()
    .split('\n');

test('the examples can be pasted into a shell and carry a GraphQL request', () => {
  const mutation = words(mutationExample(ready.urls.graphql, 'abc'));
  expect(mutation).toContain('authorization: Bearer abc');
  expect(JSON.parse(mutation.at(-1) ?? '').query).toContain('createTask(input: { title: "Buy milk" })');
  const subscription = words(subscriptionExample(ready.urls.graphql, 'abc'));
  expect(subscription).toContain('-N');
  expect(subscription).toContain('accept: text/event-stream');
  expect(JSON.parse(subscription.at(-1) ?? '').query).toMatch(/^subscription /);
});

test('the screen has a demo user and token, or says where the token comes from', () => {
  const demo = { email: 'demo@example.com', password: 'secret' };
  expect(readyScreen({ ...ready, demo }, 'abc', 9.87)).toMatch(
    /Ready in 9\.9 s(.|\n)*demo@example\.com(.|\n)*Bearer abc/,
  );
  expect(readyScreen(ready, undefined, 1)).toContain('a token of http://localhost:4005 in place of TOKEN');
});
