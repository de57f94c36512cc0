import { execFileSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { ConfigError, parseConfig } from '@todo/service/config';
import { gatewayConfig } from './config.ts';
import { help, parseFlags, UnknownFlag } from './flags.ts';

function problemsOf(values: Record<string, string>): string[] {
  try {
    parseConfig(gatewayConfig, values);
    return [];
  } catch (error) {
    return (error as ConfigError).problems.map((problem) => problem.split(':')[0] as string);
  }
}

test('alone it needs a supergraph and nothing else', () => {
  expect(problemsOf({ SUPERGRAPH: 'a.graphql', AUTH: 'off' })).toEqual([]);
  expect(problemsOf({ AUTH: 'off' })).toEqual(['SUPERGRAPH']);
});

test('callers need tokens unless told otherwise, and tokens an issuer', () => {
  expect(problemsOf({ SUPERGRAPH: 'a.graphql' })).toEqual(['AUTH_ISSUER', 'AUTH_AUDIENCE', 'AUTH_JWKS_URL']);
});

test('a replica has another name at each start', () => {
  const script = `import { gatewayConfig } from '${new URL('config.ts', import.meta.url).href}';
    console.log(gatewayConfig.parse({ SUPERGRAPH: 'a', AUTH: 'off' }).REPLICA_ID)`;
  const start = () =>
    execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }).trim();
  const [first, second] = [start(), start()];
  expect(first).toMatch(/-[0-9a-f]{8}$/);
  expect(second).not.toBe(first);
});

test('signatures are asymmetric ones', () => {
  const alone = { SUPERGRAPH: 'a', AUTH: 'off' };
  expect(parseConfig(gatewayConfig, { ...alone, AUTH_ALGORITHMS: 'PS512, Ed25519' }).AUTH_ALGORITHMS).toEqual([
    'PS512',
    'Ed25519',
  ]);
  for (const wrong of ['HS256', 'RS256,none', 'ES256K', ','])
    expect(problemsOf({ ...alone, AUTH_ALGORITHMS: wrong })).toEqual(['AUTH_ALGORITHMS']);
});

test('a cookie for tokens belongs to the host alone', () => {
  const alone = { SUPERGRAPH: 'a', AUTH: 'off' };
  expect(parseConfig(gatewayConfig, { ...alone, AUTH_COOKIE: '__Host-session' }).AUTH_COOKIE).toBe('__Host-session');
  for (const wrong of ['session', '__Secure-session', '__host-session', '__Host-', '__Host-a b', '__Host-a;b'])
    expect(problemsOf({ ...alone, AUTH_COOKIE: wrong })).toEqual(['AUTH_COOKIE']);
});

test('beside a sidecar it needs both tokens, the partitions and an internal port', () => {
  const beside = { SUPERGRAPH: 'a.graphql', AUTH: 'off', DAPR_HTTP_ENDPOINT: 'http://127.0.0.1:3500' };
  expect(problemsOf(beside)).toEqual(['DAPR_API_TOKEN', 'APP_API_TOKEN', 'TOPIC_PARTITIONS', 'INTERNAL_PORT']);
  const all = { ...beside, DAPR_API_TOKEN: 'a', APP_API_TOKEN: 'b', TOPIC_PARTITIONS: '3', APP_PORT: '4001' };
  expect(parseConfig(gatewayConfig, all)).toMatchObject({ INTERNAL_PORT: 4001, TOPIC_PARTITIONS: 3 });
});

test('all problems are named at once', () => {
  expect(problemsOf({ AUTH: 'optional', PORT: '70000', MAX_DEPTH: '0' })).toEqual([
    'SUPERGRAPH',
    'PORT',
    'MAX_DEPTH',
    'AUTH_ISSUER',
    'AUTH_AUDIENCE',
    'AUTH_JWKS_URL',
  ]);
});

test('the schema can be asked for outside production, or where that is said', () => {
  const alone = { SUPERGRAPH: 'a', AUTH: 'off' };
  expect(parseConfig(gatewayConfig, alone).INTROSPECTION).toBe(false);
  expect(parseConfig(gatewayConfig, { ...alone, NODE_ENV: 'development' }).INTROSPECTION).toBe(true);
  expect(parseConfig(gatewayConfig, { ...alone, INTROSPECTION: 'true' }).INTROSPECTION).toBe(true);
});

test('flags are the variables in lower case; tokens have none', () => {
  expect(parseFlags(['--supergraph', 'a', '--port=1', '--cors-origins', 'x,y', '--config', 'c.yaml'])).toEqual({
    does: 'run',
    configFile: 'c.yaml',
    settings: { SUPERGRAPH: 'a', PORT: '1', CORS_ORIGINS: 'x,y' },
  });
  expect(parseFlags(['--help']).does).toBe('help');
  for (const args of [
    ['--prot', '1'],
    ['file'],
    ['--dapr-api-token', 'x'],
    ['--redis-url', 'redis://:password@x'],
    ['--port'],
  ])
    expect(() => parseFlags(args)).toThrow(UnknownFlag);
});

test('the help lists every variable with its flag and default', () => {
  expect(help()).toMatch(/--max-depth +MAX_DEPTH +nesting of an operation \[20\]/);
  expect(help()).toMatch(/DAPR_API_TOKEN/);
  expect(help()).not.toMatch(/--dapr-api-token/);
});

test('single subgraphs’ timeouts are names with milliseconds', () => {
  const alone = { SUPERGRAPH: 'a', AUTH: 'off' };
  const { SUBGRAPH_TIMEOUTS } = parseConfig(gatewayConfig, { ...alone, SUBGRAPH_TIMEOUTS: 'a-b=500, c=3000' });
  expect(SUBGRAPH_TIMEOUTS).toEqual([
    ['a-b', 500],
    ['c', 3000],
  ]);
  for (const wrong of ['a', 'a=', '=5', 'a=0', 'a=1s', 'a=5,b'])
    expect(problemsOf({ ...alone, SUBGRAPH_TIMEOUTS: wrong })).toEqual(['SUBGRAPH_TIMEOUTS']);
});

test.each(['*', 'null', 'https://app.test/', 'app.test', 'https://App.test', 'https://a.test,ftp://b.test'])(
  '%s is no list of origins that may call',
  (origins) => {
    expect(problemsOf({ SUPERGRAPH: 'a', AUTH: 'off', CORS_ORIGINS: origins })).toEqual(['CORS_ORIGINS']);
  },
);
