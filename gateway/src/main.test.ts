import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from './testing/gateway.ts';
import { shop } from './testing/shop.ts';
import { startSubgraphs } from './testing/subgraphs.ts';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));

let graph: Awaited<ReturnType<typeof startSubgraphs>>;
let supergraph: string;
let directory: string;
const children = new Set<ReturnType<typeof spawn>>();
beforeAll(async () => {
  graph = await startSubgraphs(shop);
  directory = await mkdtemp(join(tmpdir(), 'gateway-main-'));
  supergraph = join(directory, 'supergraph.graphql');
  await writeFile(supergraph, graph.supergraphSdl);
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
});
afterAll(() => Promise.all([graph.stop(), rm(directory, { recursive: true })]));

/** Runs the program; `exit` has its code and all that it printed. */
function run(args: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [MAIN, ...args], { env: { PATH: process.env['PATH'], ...env } });
  children.add(child);
  let printed = '';
  child.stderr.on('data', (chunk) => (printed += chunk));
  const lines = createInterface(child.stdout);
  lines.on('line', (line) => (printed += `${line}\n`));
  const exit = once(child, 'close').then(([code]) => {
    children.delete(child);
    return { code: code as number | null, printed };
  });
  return { child, exit, lines };
}

async function start(env: Record<string, string>) {
  const gateway = run(['--supergraph', supergraph, '--auth', 'off', '--port', '0'], env);
  for await (const line of gateway.lines) {
    const { url } = JSON.parse(line);
    if (url !== undefined) return { ...gateway, url: url as string };
  }
  throw new Error(`it did not start: ${(await gateway.exit).printed}`);
}

const ask = (url: string, query: string): Promise<unknown> =>
  fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  }).then((response) => response.json());

describe('the command line', () => {
  test('--check ends with 0 where configuration and supergraph hold together', async () => {
    const { code, printed } = await run(['--check', '--supergraph', supergraph, '--auth', 'off']).exit;
    expect(printed).toContain('hold together');
    expect(code).toBe(0);
  });

  test('--check ends with 1 and what is wrong with the supergraph', async () => {
    const broken = join(directory, 'broken.graphql');
    await writeFile(broken, 'type Query { a: Int }');
    const { code, printed } = await run(['--check', '--auth', 'off'], { SUPERGRAPH: broken }).exit;
    expect(printed).toContain('the gateway cannot start');
    expect(code).toBe(1);
  });

  test('bad configuration ends with 1 and all problems, an unknown flag with 2', async () => {
    const bad = await run(['--port', 'x'], { MAX_DEPTH: 'y' }).exit;
    expect([bad.code, bad.printed]).toEqual([1, expect.stringMatching(/--port: [^]*MAX_DEPTH \(environment\): /)]);
    const unknown = await run(['--prot', '1']).exit;
    expect([unknown.code, unknown.printed]).toEqual([2, expect.stringContaining('--help')]);
  });

  test('--help and --print-schema need no configuration', async () => {
    const [help, schema] = await Promise.all([run(['--help']).exit, run(['--print-schema']).exit]);
    expect([help.code, schema.code]).toEqual([0, 0]);
    expect(help.printed).toContain('--max-depth');
    expect(JSON.parse(schema.printed)).toHaveProperty('properties.maxDepth');
  });
});

describe('a signal', () => {
  test('has requests under way finish, then ends the process with 0', async () => {
    const { child, exit, url } = await start({});
    const answer = ask(url, '{ slow }');
    await eventually(() => graph.received.some(({ query }) => query.includes('slow')));
    child.kill('SIGTERM');
    // As npm and a terminal would.
    child.kill('SIGTERM');
    expect(await answer).toEqual({ data: { slow: 'at last' } });
    expect((await exit).code).toBe(0);
  });

  test('that comes a second time ends it at once', async () => {
    const { child, exit, url } = await start({ DRAIN_DELAY_MS: '60000' });
    child.kill('SIGTERM');
    await eventually(async () => (await fetch(`${url}/readyz`)).status === 503);
    await setTimeout(600); // sooner it would be taken for the same signal
    child.kill('SIGINT');
    expect(await exit).toEqual({ code: 1, printed: expect.stringContaining('a second signal') });
  });
});
