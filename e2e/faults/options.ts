import { parseArgs } from 'node:util';
import { faults } from './faults.ts';

export type Options = {
  help: boolean;
  only: string[];
  subscribers: number;
  users: number;
  random: number;
  seed: number;
};

export const usage = `Usage: npm run test:faults -- [options]

Starts the platform on .data/e2e, with a Redis, and has one fault after another happen to it while users change tasks, ask,
and listen. After each fault it looks whether every acknowledged mutation is in the task list, in the event stream, in
analytics and in the feed exactly once, whether every subscriber has each event once and in order, and whether every
request was answered in time. Prints a table, and exits with 1 where something was wrong.

  --only A,B        faults whose names contain one of these words (default: all)
  --subscribers N   live subscriptions, half over WebSocket and half over SSE (default 200)
  --users N         users, each with a mutation and a query under way (default 10)
  --random N        afterwards, so many of the repeatable faults in random order (default 10; with --only 0)
  --seed N          repeats that order; printed at the start (default: another each time)
  --help            this text

Faults: ${faults.map(({ name }) => name).join(', ')}.
A fault that needs root (a full disk is made with tmpfs) is left out without it, with a word.
`;

const isCount = (text: string): boolean => /^\d{1,9}$/.test(text);

/** @throws with the option named that is unknown or no such number, or the word that no fault has */
export function parseOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      help: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      subscribers: { type: 'string', default: '200' },
      users: { type: 'string', default: '10' },
      random: { type: 'string' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 1e9)) },
    },
  });
  const only = values.only.split(',').filter((word) => word !== '');
  for (const word of only)
    if (!faults.some(({ name }) => name.includes(word))) throw new Error(`--only ${word}: no fault is called so`);
  const random = values.random ?? (only.length > 0 ? '0' : '10');
  const { subscribers, users, seed } = values;
  for (const [name, text] of Object.entries({ subscribers, users, random, seed }))
    if (!isCount(text)) throw new Error(`--${name} ${text} is not a whole number`);
  if (Number(users) === 0) throw new Error('--users 0: somebody must do something');
  return {
    help: values.help,
    only,
    subscribers: Number(subscribers),
    users: Number(users),
    random: Number(random),
    seed: Number(seed),
  };
}
