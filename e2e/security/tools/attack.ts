import { appendFileSync } from 'node:fs';
import { basename } from 'node:path';
import { expect, it } from '@jest/globals';
import { readSecrets } from '@todo/dev/start/secrets';
import { DATA } from '../../stack/paths.ts';
import { type Attempt, RECORD } from './record.ts';

/** What an attack got, told by its author in a few words: `401 UNAUTHENTICATED`. `inputs`: 1 unless it says. */
type CameBack = string | { cameBack: string; inputs: number };

/**
 * A test that tries an attack. `run` does it, and throws where it works or where the defence is no clear refusal; what it
 * resolves with is written down.
 */
export function attack(tried: string, run: () => Promise<CameBack>, timeoutMs?: number): void {
  const test = async (): Promise<void> => {
    const begin = performance.now();
    const got = await run();
    const { cameBack, inputs } = typeof got === 'string' ? { cameBack: got, inputs: 1 } : got;
    const group = basename(expect.getState().testPath ?? '', '.test.ts');
    const attempt: Attempt = { group, tried, inputs, cameBack, seconds: (performance.now() - begin) / 1000 };
    appendFileSync(RECORD, `${JSON.stringify(attempt)}\n`);
  };
  // oxlint-disable-next-line jest/expect-expect, jest/valid-title -- a test by another name
  it(tried, test, timeoutMs);
}

/** Several things that came back, each once, with how often. */
export function tally(all: readonly string[]): { cameBack: string; inputs: number } {
  const counts = new Map<string, number>();
  for (const one of all) counts.set(one, (counts.get(one) ?? 0) + 1);
  const told = [...counts].toSorted((a, b) => b[1] - a[1]).map(([what, count]) => `${count} × ${what}`);
  return { cameBack: counts.size === 1 ? (all[0] ?? '') : told.join(', '), inputs: all.length };
}

let secrets: string[] | undefined;

/** The random values that no client may ever see: tokens between apps and sidecars, passwords, keys. */
function knownSecrets(): string[] {
  const textsIn = (value: unknown): string[] =>
    typeof value === 'string' ? [value] : Object.values(value ?? {}).flatMap(textsIn);
  const { vapid, ...others } = readSecrets(DATA) ?? {};
  return (secrets ??= textsIn({ ...others, key: vapid?.privateKey }));
}

const INNARDS =
  /\n\s+at [\w<(/]|node_modules|\bnode:internal|\.ts:\d+|\/src\/|postgres(?:ql)?:\/\/|redis:\/\/|ECONNREFUSED|127\.0\.0\.1:\d/;

/** Expects that what a client got shows neither a stack trace nor anything of the inside nor a secret. */
export function expectNothingLeaked(text: string): void {
  expect(INNARDS.exec(text)?.[0]).toBeUndefined();
  // Only that there is one: a report must not show it.
  expect(knownSecrets().filter((secret) => text.includes(secret)).length).toBe(0);
}
