import { expect, it } from '@jest/globals';
import { ready } from '../stack/ready.ts';
import { first } from './faults.ts';
import type { Platform } from './platform.ts';
import { runFault } from './run.ts';

// What `npm run test:faults` does at length: the worst, with fewer users, and no longer than it takes.
const SIZE = { users: 4, subscribers: 40, pauseMs: 500 };
const HOLD_MS = 2000;

const platform: Platform = { rotation: [ready().urls.graphql] };

it.each(Object.values(first))(
  '$name: nothing is lost, nothing is there twice, and every request is answered',
  async (fault) => {
    const holdMs = Math.min(fault.holdMs, HOLD_MS);
    const { report } = await runFault({ ...fault, holdMs }, platform, SIZE, () => undefined);
    const { problems, heard, requests } = report;
    expect(problems).toEqual([]);
    // Were nothing done or nobody there, nothing would be shown.
    expect(requests.ok).toBeGreaterThan(0);
    expect(heard.received).toBeGreaterThan(0);
  },
  300_000,
);
