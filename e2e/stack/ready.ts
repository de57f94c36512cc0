import { type Ready, readReady } from '@todo/dev/start/ready';
import { DATA } from './paths.ts';

/**
 * What the stack under test says of itself. Of a deployment that E2E_URL names (its /graphql), only where its public port is,
 * and its identity server where E2E_IDENTITY_URL names one.
 */
export function ready(): Ready {
  const { E2E_URL: graphql, E2E_IDENTITY_URL: identity = '' } = process.env;
  if (graphql) return remote({ graphql, identity, control: '' });
  const found = readReady(DATA);
  if (!found) throw new Error('the stack is not running');
  return found;
}

/** @throws where a test asks for more than a public port can give */
const remote = (urls: Ready['urls']): Ready =>
  new Proxy({ urls } as Ready, {
    get(known, name) {
      if (name === 'urls') return known.urls;
      throw new Error(`a test over E2E_URL cannot know ${String(name)}: it needs the local stack`);
    },
  });

/** What a test needs to speak to one app or its sidecar. @throws where there is no such app */
export function app(id: string): Ready['apps'][string] {
  const found = ready().apps[id];
  if (!found) throw new Error(`no app ${id}`);
  return found;
}
