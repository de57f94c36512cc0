import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect } from '@jest/globals';
import { eventually } from '../stack/eventually.ts';
import { publishBulk } from '../stack/publish.ts';
import { ready } from '../stack/ready.ts';
import { attack, tally } from './tools/attack.ts';
import { connect, freshAddress, openWebSocket, overHttp, PATIENCE_MS, type RawClient } from './tools/client.ts';
import { isFull } from './tools/form.ts';
import { type Health, healthOf, recovered } from './tools/health.ts';
import { someone } from './tools/issuer.ts';

/** The gateway gives a request 30 seconds, and looks every 30 seconds. */
const CUT_MS = 150_000;
const SLOW = isFull ? 2000 : 150;
/** The gateway keeps 1,000 for a subscriber that falls behind. */
const EVENTS = 1500;
const ME = { query: '{ me { id } }' };

let before: Health;
let token: string;
/** What became of those that take their time: they do so beside the other attacks. */
let slow: Promise<Map<string, string[]>>;
const stopping = new AbortController();
beforeAll(async () => {
  ({ token } = await someone());
  expect((await overHttp(ME, { token })).status).toBe(200);
  before = await healthOf();
  slow = attackSlowly();
  slow.catch(() => {}); // its tests tell
}, PATIENCE_MS);
afterAll(() => stopping.abort());

const port = (): number => Number(new URL(ready().urls.graphql).port);

/** Sends a beginning, then a byte a second. Resolves with what came back when the gateway has ended the connection. */
async function dribble(begin: string, more: string): Promise<string> {
  const socket: Socket = connectTcp({ port: port(), host: '127.0.0.1', localAddress: freshAddress() });
  let got = '';
  socket.on('data', (data: Buffer) => (got += data.toString()));
  // The end of it is what is waited for, however it comes.
  socket.on('error', () => {});
  const closed = once(socket, 'close');
  await once(socket, 'connect');
  socket.write(begin);
  const timer = setInterval(() => more !== '' && socket.writable && socket.write(more), 1000);
  stopping.signal.addEventListener('abort', () => socket.destroy());
  await closed;
  clearInterval(timer);
  const [, status = 'closed'] = /^HTTP\/1\.1 (\d+)/.exec(got) ?? [];
  const [, code = ''] = /"code":"(\w+)"/.exec(got) ?? [];
  return `${status} ${code}`.trim();
}

async function attackSlowly(): Promise<Map<string, string[]>> {
  const head = 'POST /graphql HTTP/1.1\r\nhost: x\r\n';
  const json = `${head}authorization: Bearer ${token}\r\ncontent-type: application/json\r\n`;
  const kinds: [string, string, string][] = [
    ['headers', head, 'x-a: b\r\n'],
    ['body', `${json}content-length: 100000\r\n\r\n{`, ' '],
    ['chunks', `${json}transfer-encoding: chunked\r\n\r\n`, '1\r\n \r\n'],
    ['nothing', '', ''],
  ];
  const all = await Promise.all(
    kinds.map(async ([kind, begin, more]) => {
      const told = await Promise.all(Array.from({ length: SLOW / 5 }, () => dribble(begin, more)));
      return [kind, told] as const;
    }),
  );
  return new Map(all);
}

attack(
  'a WebSocket that sends and never reads',
  async () => {
    const client = await connect({ token });
    const tcp = (client.socket as unknown as { _socket: Socket })._socket;
    tcp.pause();
    const ping = JSON.stringify({ type: 'ping', payload: { x: 'x'.repeat(900_000) } });
    let sent = 0;
    // Written to as a client does that does not look, until it finds that there is nobody.
    while (!client.isClosed() && sent < 1000) {
      sent += 1;
      await new Promise<void>((resolve) => client.socket.send(ping, () => resolve()));
      if (tcp.destroyed) break;
      // The end comes in turn with what was not read.
      if (sent % 20 === 0) tcp.resume().pause();
    }
    expect(sent).toBeLessThan(1000);
    client.socket.terminate();
    return `the connection ends after ${sent} messages of 900 kB`;
  },
  PATIENCE_MS * 2,
);

attack(
  'a subscriber that reads nothing while more events come than are kept for it',
  async () => {
    const user = await someone();
    const client = await connect({ token: user.token });
    const reading = await connect({ token: user.token });
    try {
      // Each result is of 200 kB, so that what the network holds back is soon full.
      const aliases = Array.from({ length: 95 }, (_, i) => `a${i}: id`).join(' ');
      const watch = async (who: RawClient, selection: string): Promise<void> => {
        const query = `subscription { notificationCreated { ${selection} } }`;
        who.send({ id: 'stream', type: 'subscribe', payload: { query } });
        who.send({ id: 'after', type: 'subscribe', payload: ME });
        await who.next(({ id, type }) => id === 'after' && type === 'complete');
      };
      await Promise.all([watch(client, aliases), watch(reading, 'at')]);
      client.socket.pause();
      const event = () => ({
        specversion: '1.0',
        id: `${randomUUID()}${'x'.repeat(2000)}`,
        source: 'notification-service',
        type: 'com.todo.notification.created.v1',
        time: new Date().toISOString(),
        subject: user.id,
        datacontenttype: 'application/json',
        data: {
          ownerId: user.id,
          notification: { id: 'x', kind: 'x', message: 'x', createdAt: '2026-01-01T00:00:00Z' },
        },
      });
      for (let sent = 0; sent < EVENTS; sent += 100)
        await publishBulk('notification.created', Array.from({ length: 100 }, event), 'notification-service');
      const received = (): number =>
        reading.messages.filter(({ id, type }) => id === 'stream' && type === 'next').length;
      await eventually(async () => expect(received()).toBe(EVENTS), 3 * PATIENCE_MS);
      client.socket.resume();
      const end = await client.next(({ id, payload }) => id === 'stream' && payload?.errors !== undefined);
      // Whoever answers no ping for 10 to 20 seconds either has gone: the connection ends then.
      const how = end ? end.payload.errors[0].extensions.code : `closed ${(await client.closed).code}`;
      expect(['SLOW_CONSUMER', 'closed 1006']).toContain(how);
      const got = client.messages.filter(({ id, payload }) => id === 'stream' && payload?.data).length;
      expect(got).toBeLessThan(EVENTS);
      return {
        cameBack: `${how} after ${got} events; one that reads got ${EVENTS}`,
        inputs: EVENTS,
      };
    } finally {
      for (const one of [client, reading]) one.socket.terminate();
    }
  },
  PATIENCE_MS * 5,
);

attack('WebSockets that never say who they are', async () => {
  const silent = await Promise.all(Array.from({ length: 50 }, () => openWebSocket()));
  const ends = await Promise.all(silent.map((client) => client.closed));
  for (const { code } of ends) expect(code).toBe(4408);
  return tally(ends.map(({ code }) => `closed ${code}`));
});

attack(
  `${isFull ? '10,000' : '500'} idle WebSockets of ten addresses, in processes of their own`,
  async () => {
    const perAddress = isFull ? 1000 : 50;
    const users = await Promise.all(Array.from({ length: 20 }, () => someone()));
    const tokens = users.map((user) => user.token);
    const crowd = await Promise.all(
      Array.from({ length: 5 }, () => crowdOf(tokens, [freshAddress(), freshAddress()], perAddress)),
    );
    try {
      expect(crowd.map(({ told }) => told)).toEqual(crowd.map(() => ({ open: 2 * perAddress, refused: {} })));
      // Everybody else is served, at once and live.
      const other = await someone();
      expect((await overHttp(ME, { token: other.token })).status).toBe(200);
      const held = await healthOf();
      expect(held.sockets).toBeGreaterThanOrEqual(10 * perAddress);
      const each = Math.round((held.heap - before.heap) / (10 * perAddress) / 1000);
      return { cameBack: `held, ${each} kB each, and others served`, inputs: 10 * perAddress };
    } finally {
      await Promise.all(crowd.map(({ end }) => end()));
    }
  },
  PATIENCE_MS * 5,
);

attack(
  'more WebSockets of one address than it may have',
  async () => {
    const users = await Promise.all(Array.from({ length: 5 }, () => someone()));
    const crowd = await crowdOf(
      users.map((user) => user.token),
      [freshAddress()],
      1020,
    );
    await crowd.end();
    expect(crowd.told).toEqual({ open: 1000, refused: { 429: 20 } });
    return { cameBack: '429 for each beyond 1,000', inputs: 1020 };
  },
  PATIENCE_MS * 3,
);

type Crowd = { told: { open: number; refused: Record<string, number> }; end: () => Promise<void> };

/** Opens WebSockets in a process of their own. */
async function crowdOf(tokens: string[], addresses: string[], perAddress: number): Promise<Crowd> {
  const url = ready().urls.graphql.replace('http', 'ws').replace('localhost', '127.0.0.1');
  const child: ChildProcess = spawn(
    'node',
    ['e2e/security/tools/idle-sockets.ts', url, JSON.stringify(tokens), JSON.stringify(addresses), String(perAddress)],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const ended = once(child, 'exit');
  const lines = createInterface(child.stdout as NodeJS.ReadableStream);
  const [line] = (await Promise.race([once(lines, 'line'), ended.then(() => ['{}'])])) as [string];
  return {
    told: JSON.parse(line) as Crowd['told'],
    end: async () => {
      child.stdin?.end();
      await ended;
    },
  };
}

for (const [kind, what] of [
  ['headers', 'headers that come line by line, without an end (slowloris)'],
  ['body', 'a body that comes byte by byte'],
  ['chunks', 'chunks that come one by one, without an end'],
  ['nothing', 'connections on which nothing comes'],
] as const)
  attack(
    what,
    async () => {
      const told = (await slow).get(kind) ?? [];
      expect(new Set(told)).toEqual(new Set(['408 BAD_REQUEST']));
      return tally(told);
    },
    CUT_MS,
  );

attack('all of it together: the gateway has recovered', async () => recovered(before), PATIENCE_MS * 3);
