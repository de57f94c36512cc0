import { expect, it } from '@jest/globals';
import { parseConfig } from '@todo/service/config';
import { schedulerConfig } from './config.ts';

const given = {
  APP_ID: 'scheduler-service',
  APP_PORT: '4020',
  DAPR_HTTP_ENDPOINT: 'http://127.0.0.1:3520',
  DAPR_API_TOKEN: 'a',
  APP_API_TOKEN: 'b',
};
const remindBefore = (REMIND_BEFORE: string) => parseConfig(schedulerConfig, { ...given, REMIND_BEFORE }).REMIND_BEFORE;

it.each([
  ['', [0, 3_600_000]],
  ['none', []],
  ['P1D', [86_400_000]],
  ['PT0S, PT15M,PT0S', [0, 900_000]],
])('REMIND_BEFORE=%j', (text, ms) => {
  expect(remindBefore(text)).toEqual(ms);
});

it.each(['1h', 'P1M', 'PT1H,', 'PT1S,PT2S,PT3S,PT4S,PT5S,PT6S'])('REMIND_BEFORE=%j is refused', (text) => {
  expect(() => remindBefore(text)).toThrow(/REMIND_BEFORE: must be up to 5 ISO 8601 durations/);
});
