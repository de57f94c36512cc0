import { describe, expect, test } from '@jest/globals';
import { missingPrerequisites } from './prerequisites.ts';
import type { Run } from './prerequisites.ts';

const machine =
  (programs: Record<string, string>): Run =>
  (program) =>
    Promise.resolve(programs[program]);
const all = { java: true, maven: true, go: true };

describe('prerequisites', () => {
  test('an able machine lacks nothing', async () => {
    const able = machine({
      java: 'openjdk version "17.0.15"',
      mvn: 'Apache Maven 3.8.7',
      go: 'go version go1.26.8 linux',
    });
    expect(await missingPrerequisites(all, able)).toEqual([]);
  });

  test('everything that is missing is named at once, one line each with its remedy', async () => {
    const lines = await missingPrerequisites(all, machine({}));
    expect(lines).toHaveLength(3);
    for (const line of lines) expect(line).toMatch(/install it .*, or set (KAFKA_BROKERS|DAPR_BIN)$/);
  });

  test('what is too old is named with its version', async () => {
    const old = machine({ java: 'java version "11.0.2"', go: 'go version go1.24.1 linux/amd64' });
    const lines = await missingPrerequisites({ ...all, maven: false }, old);
    expect(lines[0]).toContain('but 11 was found');
    expect(lines[1]).toContain('but 1.24 was found');
  });

  test('what is not needed is not asked for', async () => {
    expect(await missingPrerequisites({ java: false, maven: false, go: false }, machine({}))).toEqual([]);
  });
});
