import { expect, it } from '@jest/globals';
import { listParts } from '@todo/dev/control/client';
import { descendants, isLoopback, listenersOf } from './stack/listeners.ts';
import { DATA } from './stack/paths.ts';
import { withReplica } from './stack/with-replica.ts';

withReplica();

it("nothing but the gateway's public port listens beyond loopback", async () => {
  const parts = await listParts(DATA);
  const pids = parts.flatMap((part) => (part.pid === null ? [] : [...descendants(part.pid)]));
  const listeners = listenersOf(new Set(pids));
  // Were the sockets not found, the test would prove nothing.
  expect(listeners.map(({ port }) => port)).toEqual(
    expect.arrayContaining([4000, 4001, 4010, 3500, 3510, 4100, 4101, 3600]),
  );
  expect(new Set(listeners.filter(({ address }) => !isLoopback(address)).map(({ port }) => port))).toEqual(
    new Set([4000]),
  );
});
