import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { expect, it } from '@jest/globals';
import { addressesOf, resolver } from './lookup.ts';

it('holds no thread while a name server is silent, however many names are asked for', async () => {
  const silent = createSocket('udp4');
  let asked = 0;
  silent.on('message', () => (asked += 1));
  silent.bind(0, '127.0.0.1');
  await once(silent, 'listening');
  const servers = resolver.getServers();
  resolver.setServers([`127.0.0.1:${silent.address().port}`]);
  try {
    const names = Array.from({ length: 20 }, (_, i) => addressesOf(`silent-${i}.example.com`));
    const results = Promise.allSettled(names);
    expect(await addressesOf('localhost', 4)).toEqual([{ address: '127.0.0.1', family: 4 }]);
    expect(await addressesOf('LOCALHOST.')).toHaveLength(2);
    for (const result of await results) expect(result).toMatchObject({ reason: { code: 'ETIMEOUT' } });
    // All of them at once, for addresses of both kinds, and once more.
    expect(asked).toBeGreaterThanOrEqual(40);
  } finally {
    resolver.setServers(servers);
    silent.close();
  }
});
