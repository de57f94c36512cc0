import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ConfigError } from '@todo/service/config';
import { configFileSchema } from './config-file.ts';
import { parseFlags } from './flags.ts';
import { loadConfig } from './load-config.ts';

const withType = expect.objectContaining({ type: expect.any(String), description: expect.any(String) });

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'gateway-config-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

function write(text: string): string {
  const file = join(directory, 'gateway.yaml');
  writeFileSync(file, text);
  return file;
}

function problemsOf(text: string, environment: Record<string, string> = {}, args: string[] = []): string[] {
  return problemsWith(write(text), environment, args);
}

function problemsWith(file: string, environment: Record<string, string>, args: string[]): string[] {
  try {
    loadConfig(parseFlags(['--config', file, ...args]), environment);
    return [];
  } catch (error) {
    return (error as ConfigError).problems.map((problem) => problem.replace(file, 'FILE'));
  }
}

test('a file holds the settings in camelCase, lists as lists', () => {
  const file = write(`
supergraph: a.graphql
auth: off
maxDepth: 7
introspection: true
corsOrigins:
  - https://a.test
  - https://b.test
propagateHeaders: x-tenant, x-other
logLevel:
`);
  const expected = {
    SUPERGRAPH: 'a.graphql',
    AUTH: 'off',
    MAX_DEPTH: 7,
    INTROSPECTION: true,
    CORS_ORIGINS: ['https://a.test', 'https://b.test'],
    PROPAGATE_HEADERS: ['x-tenant', 'x-other'],
    LOG_LEVEL: 'info',
  };
  expect(loadConfig(parseFlags(['--config', file]), {})).toMatchObject(expected);
  expect(loadConfig(parseFlags([]), { GATEWAY_CONFIG: file })).toMatchObject(expected);
});

test('flags go before variables, those before the file, and that before the defaults', () => {
  const file = write('supergraph: a\nauth: off\nport: 1\nmaxDepth: 1\nmaxTokens: 1\n');
  const flags = parseFlags(['--config', file, '--port', '3']);
  expect(loadConfig(flags, { PORT: '2', MAX_DEPTH: '2', MAX_TOKENS: '' })).toMatchObject({
    PORT: 3,
    MAX_DEPTH: 2,
    MAX_TOKENS: 1,
    MAX_SELECTIONS: 10_000,
  });
});

test('all problems are told at once, each with its key and where it came from', () => {
  const text = 'auth: off\nmaxDepth: deep\nmaxDept: 3\ndaprApiToken: secret\nport: [1, 2]\n';
  expect(problemsOf(text, { MAX_TOKENS: 'many' }, ['--max-selections', '0'])).toEqual([
    'FILE:3: maxDept: there is no such setting',
    'FILE:4: daprApiToken: is a secret: give it as the variable DAPR_API_TOKEN',
    'FILE:5: port: is not a single value',
    'SUPERGRAPH: is required',
    expect.stringMatching(/^MAX_TOKENS \(environment\): /),
    expect.stringMatching(/^FILE:2: maxDepth: /),
    expect.stringMatching(/^--max-selections: /),
  ]);
});

test.each([
  ['no YAML', 'a: [1', /^FILE:1: /],
  ['a key twice', 'port: 1\nport: 2\n', /^FILE:2: .*unique/],
  ['a list', '- port\n', /^FILE:1: is not a list of keys/],
])('a file that is %s is refused with its line', (_what, text, problem) => {
  expect(problemsOf(text)).toContainEqual(expect.stringMatching(problem));
});

test('a file that is not there is a problem beside the others', () => {
  const problems = problemsWith(join(directory, 'none.yaml'), {}, ['--port', 'x']);
  expect(problems).toContainEqual(expect.stringMatching(/^FILE: cannot be read/));
  expect(problems).toContainEqual(expect.stringMatching(/^--port: /));
});

test('its JSON schema has every setting but secrets, and what each may be', () => {
  const { properties, additionalProperties } = JSON.parse(configFileSchema());
  expect(additionalProperties).toBe(false);
  expect(properties.maxDepth).toEqual({
    type: 'integer',
    minimum: 1,
    default: 20,
    description: 'nesting of an operation',
  });
  expect(properties.corsOrigins).toMatchObject({ type: 'array', items: { type: 'string' }, default: [] });
  expect(properties.auth).toMatchObject({ enum: ['required', 'optional', 'off'] });
  expect(properties.introspection).toMatchObject({ type: 'boolean' });
  expect(properties).not.toHaveProperty('daprApiToken');
  for (const [key, property] of Object.entries(properties)) expect([key, property]).toEqual([key, withType]);
  // The same on every machine.
  expect(properties.replicaId).not.toHaveProperty('default');
});
