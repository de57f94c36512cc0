import { describe, expect, it } from '@jest/globals';
import { type Revision, stepsBack, type Track } from './tracks.ts';

const revision = (number: number, deploy: Track, live: Track, keep: Track | '' = ''): Revision => ({
  revision: number,
  tracks: { deploy, live, keep },
});
// A first install, then a blue-green deployment: beside it, switched, the old one removed.
const installed = revision(1, 'blue', 'blue');
const beside = revision(2, 'green', 'blue', 'blue');
const switched = revision(3, 'green', 'green', 'blue');
const retired = revision(4, 'green', 'green');

describe('stepsBack', () => {
  it('is the revision before where nothing else is said', () => {
    expect(stepsBack([installed], revision(2, 'blue', 'blue'))).toEqual([1]);
    expect(stepsBack([installed, beside], switched)).toEqual([2]);
  });

  it('is one step as long as the version is still there', () => {
    expect(stepsBack([installed, beside], switched, 1)).toEqual([1]);
    expect(stepsBack([installed], beside, 1)).toEqual([1]);
  });

  it('brings a version that was removed back beside the live one before the Service leads to it', () => {
    expect(stepsBack([installed, beside, switched], retired, 1)).toEqual([3, 1]);
    expect(stepsBack([installed, beside, switched], retired, 2)).toEqual([3, 2]);
    expect(stepsBack([installed, beside, switched], retired)).toEqual([3]);
  });

  it('refuses where the history does not reach back so far', () => {
    expect(() => stepsBack([], installed)).toThrow(/no revision before this one/);
    expect(() => stepsBack([beside], switched, 1)).toThrow(/no revision 1/);
    expect(() => stepsBack([installed], retired, 1)).toThrow(/blue is gone.*deploy its version again/);
  });
});
