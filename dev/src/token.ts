import { parseArgs } from 'node:util';
import { signIn } from './identity/client.ts';
import type { Credentials } from './identity/client.ts';
import { readReady } from './start/ready.ts';

const usage = `Usage: npm run --silent token -- [--email ADDRESS [--password PASSWORD]] [--data DIR]

Prints a new token, good for 15 minutes: of the demo user, or of the user with this address. The password of
admin@example.com, an administrator, is known as well.
`;

const run = async (args: string[]): Promise<void> => {
  const { values } = parseArgs({
    args,
    options: {
      help: { type: 'boolean', default: false },
      email: { type: 'string' },
      password: { type: 'string' },
      data: { type: 'string', default: '.data' },
    },
  });
  if (values.help) return console.log(usage);
  const ready = readReady(values.data);
  if (ready === undefined) throw new Error(`no stack is ready on ${values.data}; npm start starts one`);
  const known = [ready.demo, ready.admin].find((user) => user?.email === (values.email ?? ready.demo?.email));
  const password = values.password ?? known?.password;
  const email = values.email ?? known?.email;
  if (email === undefined || password === undefined) throw new Error('whose token? --email and --password say it');
  const credentials: Credentials = { email, password };
  console.log(await signIn(ready.urls.identity, credentials));
};

try {
  await run(process.argv.slice(2));
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS') === true ? 2 : 1;
}
