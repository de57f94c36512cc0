import { describe, expect, it } from '@jest/globals';
import { sampling } from '@todo/service/testing/sampling';
import fc from 'fast-check';
import { hours, months, partsOf } from './parts.ts';
import { rangeOf } from './range.ts';

const at = (text: string): number => Date.parse(text);
const shown = (starts: number[], unit: typeof hours, now: string) =>
  partsOf(starts, unit, at(now)).map(
    ({ isCoarse, from, to }) =>
      `${isCoarse ? 'coarse' : 'fine'} ${new Date(from).toISOString().slice(0, 16)} ${new Date(to).toISOString().slice(0, 16)}`,
  );
const day = (timeZone: string) => rangeOf({ from: '2026-03-10', to: '2026-03-10', by: 'DAY', timeZone }).starts;

describe('parts', () => {
  it('of a day are its hours, and what is beside them where the time zone is no whole hours off', () => {
    expect(shown(day('America/New_York'), hours, '2026-04-01T00:00Z')).toEqual([
      'coarse 2026-03-10T04:00 2026-03-11T04:00',
    ]);
    expect(shown(day('Asia/Kathmandu'), hours, '2026-04-01T00:00Z')).toEqual([
      'fine 2026-03-09T18:15 2026-03-09T19:00',
      'coarse 2026-03-09T19:00 2026-03-10T18:00',
      'fine 2026-03-10T18:00 2026-03-10T18:15',
    ]);
  });

  it('are coarse only where a unit is over: of an hour under way, what is due in it is still to come', () => {
    expect(shown(day('UTC'), hours, '2026-03-10T14:59Z')).toEqual([
      'coarse 2026-03-10T00:00 2026-03-10T14:00',
      'fine 2026-03-10T14:00 2026-03-11T00:00',
    ]);
    expect(shown(day('UTC'), hours, '2026-03-09T23:59Z')).toEqual(['fine 2026-03-10T00:00 2026-03-11T00:00']);
  });

  it('of a year are its months', () => {
    const { starts } = rangeOf({ from: '2025-12-24', to: '2026-12-23', by: 'MONTH', timeZone: 'Europe/Berlin' });
    const ends = [starts[0] as number, starts.at(-1) as number];
    expect(shown(ends, months, '2026-10-02T00:00Z')).toEqual([
      'fine 2025-12-23T23:00 2026-01-01T00:00',
      'coarse 2026-01-01T00:00 2026-10-01T00:00',
      'fine 2026-10-01T00:00 2026-12-23T23:00',
    ]);
  });

  it('of a period without length are none', () => {
    expect(partsOf([0, 0], hours, 0)).toEqual([]);
  });

  it('make up each period, without gaps and twice nothing', () => {
    const instants = fc.array(fc.integer({ min: 0, max: 200_000 }), { minLength: 2, maxLength: 20 });
    fc.assert(
      fc.property(
        instants,
        fc.integer({ min: 0, max: 200_000 }),
        fc.constantFrom(hours, months),
        (slots, now, unit) => {
          const starts = slots.sort((a, b) => a - b).map((slot) => slot * 900_000);
          const parts = partsOf(starts, unit, now * 900_000);
          for (const [period, from] of starts.slice(0, -1).entries()) {
            const own = parts.filter((part) => part.period === period);
            let end = from;
            for (const part of own) {
              expect(part.from).toBe(end);
              expect(part.to).toBeGreaterThan(part.from);
              end = part.to;
            }
            expect(end).toBe(starts[period + 1]);
            expect(own.length).toBeLessThanOrEqual(3);
          }
        },
      ),
      sampling(100),
    );
  });
});
