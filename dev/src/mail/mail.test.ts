import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { freePort } from '@todo/service/testing/free-port';
import { until } from '../parts/wait.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mail-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

/** Says each line once the server has answered the one before, and gives the last answer. */
async function say(port: number, lines: string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let last = '';
  for await (const answer of createInterface(socket)) {
    if (answer[3] === '-') continue; // more follows
    last = answer;
    const line = lines.shift();
    if (line === undefined) break;
    socket.write(`${line}\r\n`);
  }
  socket.destroy();
  return last;
}

test('the own mail server keeps what it gets, and ends when it is told', async () => {
  const port = await freePort();
  const program = join(import.meta.dirname, 'main.ts');
  const child = spawn(process.execPath, [program], {
    env: { ...process.env, PORT: String(port), MAIL_DIR: dir },
    stdio: 'inherit',
  });
  const exited = once(child, 'exit');
  const listens = () =>
    say(port, []).then(
      (greeting) => greeting.startsWith('220'),
      () => false,
    );
  await until(listens, AbortSignal.timeout(60_000));
  const envelope = ['EHLO test', 'MAIL FROM:<a@example.com>', 'RCPT TO:<b@example.com>', 'DATA'];
  expect(await say(port, [...envelope, 'Subject: Hello\r\n\r\nthere\r\n.'])).toMatch(/^250/);
  expect(readdirSync(dir).map((name) => readFileSync(join(dir, name), 'utf8'))).toEqual([
    expect.stringMatching(/^Subject: Hello\r\n\r\nthere/),
  ]);
  child.kill('SIGTERM');
  expect(await exited).toEqual([0, null]);
});
