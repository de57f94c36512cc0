import { parseArgs } from 'node:util';

export type Options = {
  help: boolean;
  minutes: number;
  subscribers: number;
  users: number;
  /** Mutations a second. */
  rate: number;
  /** Percentage of the subscribers. */
  sse: number;
  /** The data directory of a stack that may run. */
  data: string;
};

export const usage = `Usage: npm run soak -- [options]

Keeps live subscriptions open for a while under a steady rate of mutations, counts what each subscriber got, and exits
with 1 if an event was missed or came twice, or a request failed. Prints a line a minute and a summary.

  --minutes N       how long the mutations go on (default 10; fractions are fine)
  --subscribers N   subscriptions, over all users (default 1000)
  --users N         users that sign up (default 50); an event is for all subscriptions of its user
  --rate N          mutations a second (default 5)
  --sse N           percentage of the subscriptions that use SSE instead of WebSocket (default 20)
  --data DIR        the data directory of the stack to use, if one is running there (default .data)
  --help            this text

Without a running stack it starts one, on .data/soak, and stops it at the end. A running stack must let it sign users up,
and have room for its mutations and subscriptions within the quota of a user:
  IDENTITY_RATE_LIMIT=off RATE_LIMIT_PER_MINUTE=0 npm start
Where the second replica of the gateway runs too (npm run gateway:replica), subscribers and mutations use both.
`;

const defaults = { minutes: '10', subscribers: '1000', users: '50', rate: '5', sse: '20' };

const isCount = (value: number): boolean => Number.isInteger(value) && value > 0;

/** @throws with the option named that is unknown or no such number */
export function parseOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      help: { type: 'boolean', default: false },
      minutes: { type: 'string', default: defaults.minutes },
      subscribers: { type: 'string', default: defaults.subscribers },
      users: { type: 'string', default: defaults.users },
      rate: { type: 'string', default: defaults.rate },
      sse: { type: 'string', default: defaults.sse },
      data: { type: 'string', default: '.data' },
    },
  });
  const number = (name: keyof typeof defaults, isValid: (value: number) => boolean, what: string): number => {
    const value = Number(values[name]);
    if (values[name].trim() === '' || !Number.isFinite(value) || !isValid(value)) {
      throw new Error(`--${name} ${values[name]} is not ${what}`);
    }
    return value;
  };
  return {
    help: values.help,
    data: values.data,
    minutes: number('minutes', (value) => value > 0, 'a number above 0'),
    subscribers: number('subscribers', isCount, 'a whole number above 0'),
    users: number('users', isCount, 'a whole number above 0'),
    rate: number('rate', (value) => value > 0, 'a number above 0'),
    sse: number('sse', (value) => value >= 0 && value <= 100, 'a percentage'),
  };
}
