import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { buildSchema, parse, validate } from 'graphql';

/** A field of tasks in the supergraph, with its description. */
const FIELD = /^ {2}"{3}\n.*\n {2}"{3}\n {2}dueTimeZone: String @join__field.*\n/m;

// The pages' types follow from the supergraph: what is taken out of it is missed before anybody runs them.
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'web-types-'));
  for (const path of ['web', 'schema', 'codegen.ts', 'tsconfig.json'])
    cpSync(path, join(folder, path), { recursive: true, filter: (file) => !/node_modules|web\/dist/.test(file) });
  for (const path of ['node_modules', 'web/node_modules'])
    if (existsSync(path)) symlinkSync(resolve(path), join(folder, path));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs a tool of the repository in the copy. @returns what it printed, and whether it succeeded */
async function run(tool: string, ...args: string[]): Promise<{ ok: boolean; printed: string }> {
  const program = resolve('node_modules', '.bin', tool);
  return promisify(execFile)(program, args, { cwd: folder }).then(
    ({ stdout }) => ({ ok: true, printed: stdout }),
    (error: { stdout: string; stderr: string }) => ({ ok: false, printed: error.stdout + error.stderr }),
  );
}
const change = (file: string, what: RegExp): void => {
  const path = join(folder, file);
  const text = readFileSync(path, 'utf8');
  expect(what.test(text)).toBe(true);
  writeFileSync(path, text.replace(what, ''));
};
const types = () => run('tsc', '--noEmit', '-p', 'web');
const codegen = () => run('graphql-codegen', '--config', 'codegen.ts');

test('an operation that asks for a field which is gone is refused', async () => {
  change('schema/supergraph.graphql', FIELD);
  expect((await codegen()).ok).toBe(false);
  const [schema = '', operations = ''] = ['schema/supergraph.graphql', 'web/src/graphql/operations.graphql'].map(
    (file) => readFileSync(join(folder, file), 'utf8'),
  );
  expect(validate(buildSchema(schema), parse(operations)).map(({ message }) => message)).toEqual([
    expect.stringContaining('Cannot query field "dueTimeZone" on type "Task"'),
  ]);
}, 240_000);

test('code that uses a field which is gone fails the type check', async () => {
  change('schema/supergraph.graphql', FIELD);
  change('web/src/graphql/operations.graphql', /^ {2}dueTimeZone\n/m);
  expect((await codegen()).ok).toBe(true);
  const { ok, printed } = await types();
  expect(ok).toBe(false);
  expect(printed).toMatch(/recurrence-section\.tsx.*Property 'dueTimeZone' does not exist/);
}, 240_000);
