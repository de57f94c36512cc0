import { connect } from 'node:net';
import { join } from 'node:path';
import type { Part } from '../parts/part.ts';
import { stages } from '../parts/part.ts';
import { inheritedEnv, type Stack } from '../start/stack.ts';

/** Where the own mail server keeps what it gets. */
const mailDir = (dataDir: string): string => join(dataDir, 'mail');

/** The own mail server, as the environment would name another. */
export const ownMail = (port: number): { SMTP_URL: string; MAIL_FROM: string } => ({
  SMTP_URL: `smtp://127.0.0.1:${port}`,
  MAIL_FROM: 'Todo <todo@todo.local>',
});

/** Starts the own mail server, which delivers nothing. */
export const startMail = async (stack: Stack): Promise<void> => {
  const port = stack.ports.mail;
  const part: Part = {
    name: 'mail',
    command: process.execPath,
    args: [join(stack.root, 'dev', 'src', 'mail', 'main.ts')],
    env: { ...inheritedEnv(stack.env), PORT: String(port), MAIL_DIR: mailDir(stack.dataDir) },
    port,
    stage: stages.mail,
    stopSignal: 'SIGTERM',
    isReady: () => greets(port),
    readyWithinMs: 30_000,
    stopWithinMs: 5_000,
  };
  await stack.supervisor.start(part, stack.signal);
};

/** Whether a mail server says its greeting (RFC 5321, section 3.1). */
const greets = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: 2_000 });
    const end = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('data', (greeting) => end(greeting.toString().startsWith('220')));
    socket.once('timeout', () => end(false));
    socket.once('error', () => end(false));
    socket.once('close', () => resolve(false));
  });
