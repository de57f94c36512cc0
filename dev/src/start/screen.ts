import { relative } from 'node:path';
import pc from 'picocolors';
import type { Ready } from './ready.ts';

/** What the person at the terminal gets once everything runs. `token` is absent with an identity provider of one's own. */
export const readyScreen = (ready: Ready, token: string | undefined, seconds: number): string => {
  const { graphql, identity } = ready.urls;
  const lines = [
    '',
    pc.green(pc.bold(`Ready in ${seconds.toFixed(1)} s`)),
    '',
    `  Web        ${new URL('/app/', graphql).href}`,
    `  GraphQL    ${graphql}`,
    `  Identity   ${identity}`,
    '  Control    npm run stack -- list',
    `  Metrics    prometheus --config.file=${relative('.', ready.prometheusConfig)} --storage.tsdb.path=.data/prometheus`,
    '',
  ];
  if (ready.demo !== undefined && token !== undefined) {
    lines.push(
      `  Demo user  ${ready.demo.email}  password ${ready.demo.password}`,
      '  Tokens last 15 minutes; npm run token prints a new one',
      '',
      'Listen for changes (leave it running):',
      '',
      subscriptionExample(graphql, token),
      '',
      'Create a task in another terminal:',
      '',
      mutationExample(graphql, token),
    );
  } else {
    lines.push(
      `Put a token of ${identity} in place of TOKEN. Listen for changes (leave it running):`,
      '',
      subscriptionExample(graphql, 'TOKEN'),
      '',
      'Create a task in another terminal:',
      '',
      mutationExample(graphql, 'TOKEN'),
    );
  }
  lines.push('', 'Ctrl-C stops everything.');
  return lines.join('\n');
};

/** A command that creates a task. */
export const mutationExample = (url: string, token: string): string =>
  curl(
    url,
    token,
    'application/json',
    '-s',
    'mutation { createTask(input: { title: "Buy milk" }) { id title version } }',
  );

/** A command that prints changes of tasks as server-sent events. */
export const subscriptionExample = (url: string, token: string): string =>
  curl(url, token, 'text/event-stream', '-N -s', 'subscription { taskChanged { type version task { title } } }');

const curl = (url: string, token: string, accept: string, flags: string, query: string): string =>
  [
    `curl ${flags} ${url} \\`,
    `  -H 'content-type: application/json' -H 'accept: ${accept}' \\`,
    `  -H 'authorization: Bearer ${token}' \\`,
    `  -d '${JSON.stringify({ query })}'`,
  ].join('\n');
