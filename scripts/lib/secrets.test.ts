import { describe, expect, test } from '@jest/globals';
import { licencesOf, unknownLicences } from './licences.ts';
import { secretsIn, secretsInHistory } from './secrets.ts';

// Put together here, so that this file has none.
const random = 'Zk3nV9pQ7xT2mB8rL5wY1cD6';
const token = (text: string): string => Buffer.from(text).toString('base64url');

describe('a credential is found', () => {
  test.each([
    ['a private key', ['-----BEGIN', 'RSA PRIVATE KEY-----'].join(' ')],
    ['an AWS access key', `AKIA${'IOSFODNN7EXAMPLE'}`],
    ['a GitHub token', `ghp_${random}${random.slice(0, 12)}`],
    ['an npm token', `npm_${random}${random.slice(0, 12)}`],
    ['a webhook secret', `whsec_${random}${random}`],
    ['a signed token', `${token('{"alg":"EdDSA"}')}.${token('{"sub":"somebody"}')}.${random}${random}`],
    ['a private JWK', `{"d":"${random}${random}"}`],
    ['a password in a URL', `postgres://someone:${random}@db.example/todo`],
    ['a password', `const password = '${random}';`],
  ])('%s', (what, line) => {
    expect(secretsIn(`+ ${line}`)).toEqual([what]);
  });

  test('and what looks like none is none', () => {
    for (const line of [
      'password: env.PASSWORD',
      'token: randomUUID()',
      'postgres://task@127.0.0.1:5432',
      "secret = 'short'",
    ])
      expect(secretsIn(line)).toEqual([]);
  });
});

test('no commit that can be reached has ever added one', () => {
  const { problems, commits, lines } = secretsInHistory();
  expect(problems).toEqual([]);
  expect(commits).toBeGreaterThan(0);
  expect(lines).toBeGreaterThan(0);
}, 60_000);

test('a licence that nobody has looked at is told, and development’s own does not matter', () => {
  const lock = {
    packages: {
      '': { name: 'root' },
      'node_modules/a': { license: '(MIT AND Apache-2.0)' },
      'node_modules/b': { license: 'AGPL-3.0' },
      'node_modules/c': { license: 'AGPL-3.0', dev: true },
      'gateway/node_modules/@x/d': {},
    },
  };
  expect(unknownLicences(licencesOf(JSON.stringify(lock)))).toEqual(['AGPL-3.0: b', 'none named: @x/d']);
});
