import { expect, test } from '@jest/globals';
import { parseOptions } from './options.ts';

test('nothing given means the usual data directory and list of apps', () => {
  expect(parseOptions([])).toEqual({
    help: false,
    fresh: false,
    infra: false,
    stay: false,
    data: '.data',
    apps: 'dapr.yaml',
  });
});

test('options are taken as given', () => {
  expect(parseOptions(['--fresh', '--data', '/tmp/x', '--infra'])).toMatchObject({
    fresh: true,
    infra: true,
    data: '/tmp/x',
  });
});

test.each(['--frseh', 'extra', '--data'])('%s is refused by name', (arg) => {
  expect(() => parseOptions([arg])).toThrow(arg);
});
