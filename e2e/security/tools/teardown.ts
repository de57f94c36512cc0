import { existsSync, readFileSync } from 'node:fs';
import stopAll from '../../stack/teardown.ts';
import { type Attempt, RECORD } from './record.ts';

/** Stops the stack, and tells what was tried and what came back. */
export default async function teardown(): Promise<void> {
  await stopAll();
  if (!existsSync(RECORD)) return;
  const attempts = readFileSync(RECORD, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Attempt);
  for (const [group, tried] of Object.entries(Object.groupBy(attempts, (attempt) => attempt.group))) {
    console.log(`\n${group}`);
    for (const { tried: what, inputs, cameBack } of tried ?? [])
      console.log(`  ${what}${inputs > 1 ? ` (${inputs} inputs)` : ''}: ${cameBack}`);
  }
  const inputs = attempts.reduce((sum, attempt) => sum + attempt.inputs, 0);
  console.log(`\n${attempts.length} attacks with ${inputs} inputs were tried and refused\n`);
}
