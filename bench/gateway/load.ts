// Sends the requests of a file, a body a line, in turn over many connections, for a time; prints what came of it as JSON.
// node load.ts URL FILE TOKEN CONNECTIONS SECONDS
import { readFileSync } from 'node:fs';
import { Pool } from 'undici';

const [url = '', file = '', token = '', connections = '50', seconds = '10'] = process.argv.slice(2);
const { origin, pathname: path } = new URL(url);
const bodies = readFileSync(file, 'utf8').split('\n');
const headers = {
  'content-type': 'application/json',
  accept: 'application/json',
  ...(token && { authorization: `Bearer ${token}` }),
};
const pool = new Pool(origin, { connections: Number(connections), pipelining: 1 });
const millis: number[] = [];
let failed = 0;
let turn = 0;

function ask(): Promise<void> {
  return new Promise((resolve) => {
    let status = 0;
    const body = bodies[turn++ % bodies.length];
    const started = performance.now();
    const done = (ok: boolean): void => {
      if (ok) millis.push(performance.now() - started);
      else failed++;
      resolve();
    };
    pool.dispatch(
      { path, method: 'POST', headers, body },
      {
        onRequestStart: () => {},
        onResponseStart: (_controller, code) => void (status = code),
        onResponseData: () => {},
        onResponseEnd: () => done(status === 200),
        onResponseError: () => done(false),
      },
    );
  });
}

const started = performance.now();
const end = started + Number(seconds) * 1000;
const loop = async (): Promise<void> => {
  while (performance.now() < end) await ask();
};
await Promise.all(Array.from({ length: Number(connections) }, loop));
const took = (performance.now() - started) / 1000;
millis.sort((a, b) => a - b);
const at = (share: number): number => millis[Math.floor((millis.length - 1) * share)] ?? NaN;
console.log(
  JSON.stringify({ rps: millis.length / took, requests: millis.length, p50: at(0.5), p99: at(0.99), failed }),
);
await pool.close();
