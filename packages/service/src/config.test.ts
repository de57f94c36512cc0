import { expect, it } from '@jest/globals';
import { z } from 'zod';
import { ConfigError, parseConfig, port } from './config.ts';

const schema = z.object({ URL: z.url(), PORT: port, NAME: z.string().default('x') });

it('types what it reads, and counts an empty value as absent', () => {
  expect(parseConfig(schema, { URL: 'http://a.example', PORT: '80', NAME: '' })).toEqual({
    URL: 'http://a.example',
    PORT: 80,
    NAME: 'x',
  });
});

it('lists every problem at once, by key', () => {
  const problems = (() => {
    try {
      parseConfig(schema, { PORT: '70000' });
    } catch (error) {
      return (error as ConfigError).problems;
    }
  })();
  expect(problems).toEqual(['URL: is required', expect.stringMatching(/^PORT: /)]);
});
