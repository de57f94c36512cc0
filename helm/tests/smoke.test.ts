import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { afterEach, beforeAll, expect, test } from '@jest/globals';
import { containersOf, rendered, values } from './rendered.ts';

// The program of the pod that `helm test` starts, against gateways that are as they should be, and that are not.
let args: string[];
let gateway: Server;
beforeAll(async () => {
  const [container] = containersOf((await rendered(values('dev'))).one('Pod', 'test-gateway'));
  args = container.args;
  expect(container.env).toEqual([
    { name: 'GATEWAY_URL', value: 'http://api-gateway:80' },
    { name: 'AUTH', value: 'required' },
  ]);
});
afterEach(() => void gateway.close());

async function run(readyStatus: number, answer: object): Promise<string> {
  gateway = createServer((request, response) => {
    if (request.url === '/readyz') response.writeHead(readyStatus).end();
    else response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
  });
  gateway.listen(0, '127.0.0.1');
  await once(gateway, 'listening');
  const GATEWAY_URL = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`;
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: { GATEWAY_URL, AUTH: 'required' } });
  return stdout;
}
const refusal = { errors: [{ message: 'who are you?', extensions: { code: 'UNAUTHENTICATED' } }] };

test('it passes where the gateway is ready and refuses who has no token', async () => {
  await expect(run(200, refusal)).resolves.toMatch(/is ready/);
});

test('it fails where the gateway is not ready', async () => {
  await expect(run(503, refusal)).rejects.toThrow(/readyz answers 503/);
});

test('it fails where the gateway serves who has no token', async () => {
  await expect(run(200, { data: { __typename: 'Query' } })).rejects.toThrow(/without a token it answers/);
});
