import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Report, ToSubscribers } from './messages.ts';

/** The subscribers, in a process of their own: their work must not be mistaken for the gateway's. */
export type Audience = {
  expect: (event: string, user: number) => void;
  report: () => Promise<Report>;
  stop: () => Promise<void>;
};

/** Starts the process, which opens the subscriptions by and by. */
export function startAudience(what: Omit<Extract<ToSubscribers, { type: 'open' }>, 'type'>): Audience {
  const child = fork(join(import.meta.dirname, 'subscribers.ts'), { serialization: 'advanced' });
  const exited = once(child, 'exit');
  const tell = (message: ToSubscribers): void => void child.send(message);
  tell({ type: 'open', ...what });
  return {
    expect: (event, user) => tell({ type: 'expect', event, user }),
    report: async () => {
      const answer = once(child, 'message');
      tell({ type: 'report' });
      const ended = exited.then(() => Promise.reject(new Error('the process of the subscribers has ended')));
      const [report] = await Promise.race([answer, ended]);
      return report as Report;
    },
    stop: async () => {
      child.kill();
      await exited;
    },
  };
}
