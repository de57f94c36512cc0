import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer as createHttp } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { promisify } from 'node:util';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { freePort } from '@todo/service/testing/free-port';
import { chartApps } from '../../scripts/lib/chart-apps.ts';
import { containersOf, issuer, rendered, values } from './rendered.ts';

// The programs of the pods that `helm test` starts, against what is as it should be, and what is not.
let chart: Awaited<ReturnType<typeof rendered>>;
beforeAll(async () => {
  chart = await rendered(values('prod'), ...issuer);
});
const servers = new Set<Server>();
afterEach(() => {
  for (const server of servers) server.close();
  servers.clear();
});

async function listening(server: Server): Promise<string> {
  servers.add(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function run(pod: string, env: Record<string, string>): Promise<string> {
  const [container] = containersOf(chart.one('Pod', pod));
  // It is told of all that it asks for.
  expect(container.env.map(({ name }: { name: string }) => name).sort()).toEqual(Object.keys(env).sort());
  return (await promisify(execFile)(process.execPath, container.args, { env })).stdout;
}

const askGateway = async (readyStatus: number, answer: object): Promise<string> => {
  const server = createHttp((request, response) => {
    if (request.url === '/readyz') response.writeHead(readyStatus).end();
    else response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
  });
  return run('test-gateway', { GATEWAY_URL: `http://${await listening(server)}`, AUTH: 'required' });
};
const server = () => listening(createServer((socket) => socket.destroy()));
const closed = async () => `127.0.0.1:${await freePort()}`;

describe('test-gateway', () => {
  const refusal = { errors: [{ message: 'who are you?', extensions: { code: 'UNAUTHENTICATED' } }] };

  test('passes where the gateway is ready and refuses who has no token', async () => {
    await expect(askGateway(200, refusal)).resolves.toMatch(/is ready/);
  });

  test('fails where the gateway is not ready', async () => {
    await expect(askGateway(503, refusal)).rejects.toThrow(/readyz answers 503/);
  });

  test('fails where the gateway serves who has no token', async () => {
    await expect(askGateway(200, { data: { __typename: 'Query' } })).rejects.toThrow(/without a token it answers/);
  });
});

describe('test-isolation', () => {
  test('passes where it reaches the gateway’s public port alone', async () => {
    const env = { OPEN: await server(), CLOSED: `${await closed()},${await closed()}` };
    await expect(run('test-isolation', env)).resolves.toMatch(/none of 2 ports/);
  });

  test('fails where it reaches one of the others', async () => {
    const other = await server();
    const env = { OPEN: await server(), CLOSED: `${await closed()},${other}` };
    await expect(run('test-isolation', env)).rejects.toThrow(`not in force: ${other} can be reached`);
  });

  test('fails where it reaches nothing: it could not tell', async () => {
    await expect(run('test-isolation', { OPEN: await closed(), CLOSED: await closed() })).rejects.toThrow(/is not/);
    await expect(run('test-isolation', { OPEN: await server(), CLOSED: 'nobody.invalid:1' })).rejects.toThrow(
      /getaddrinfo/,
    );
  });

  test('tries each app’s own port, and those of its sidecar', () => {
    const [container] = containersOf(chart.one('Pod', 'test-isolation'));
    const { value } = container.env.find(({ name }: { name: string }) => name === 'CLOSED');
    const ports = Object.entries(chartApps()).flatMap(([app, { port }]) =>
      [port, 9090, 50_002].map((each) => `${app}-metrics:${each}`),
    );
    expect(value.split(',').sort()).toEqual(ports.sort());
  });

  test('is left out of clusters whose network knows no policies', async () => {
    const names = (await rendered(values('dev'))).ofKind('Pod').map(({ metadata }) => metadata.name);
    expect(names).toEqual(['test-gateway']);
  });
});
