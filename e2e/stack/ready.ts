import { type Ready, readReady } from '@todo/dev/start/ready';
import { DATA } from './paths.ts';

/** What the stack under test says of itself. */
export function ready(): Ready {
  const found = readReady(DATA);
  if (!found) throw new Error('the stack is not running');
  return found;
}

/** What a test needs to speak to one app or its sidecar. @throws where there is no such app */
export function app(id: string): Ready['apps'][string] {
  const found = ready().apps[id];
  if (!found) throw new Error(`no app ${id}`);
  return found;
}
