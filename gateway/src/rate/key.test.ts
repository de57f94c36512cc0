import { expect, test } from '@jest/globals';
import { quotaKey } from './key.ts';

const ofAddress = (address: string): string => quotaKey({ identity: undefined, address });
const ofUser = (sub: string): string => quotaKey({ identity: { sub, scopes: [], claims: {} }, address: '10.0.0.1' });

test('a user has one quota from everywhere, whatever characters the name has', () => {
  expect(ofUser('ada')).toBe(quotaKey({ identity: { sub: 'ada', scopes: ['x'], claims: {} }, address: '10.0.0.2' }));
  expect(ofUser('ada')).not.toBe(ofUser('ben'));
  expect(ofUser('\n:*'.repeat(1000))).toMatch(/^user:[\w-]{43}$/);
});

test.each([
  ['10.0.0.1', 'address:10.0.0.1'],
  ['::ffff:10.0.0.1', 'address:10.0.0.1'],
  ['2001:db8:0:7::1', 'address:2001:db8:0:7::/64'],
  ['2001:0db8:0:7:ffff:1:2:3', 'address:2001:db8:0:7::/64'],
  ['2001:db8::1', 'address:2001:db8:0:0::/64'],
  ['::1', 'address:0:0:0:0::/64'],
  ['fe80::1%eth0', 'address:fe80:0:0:0::/64'],
])('the quota of %s is that of %s', (address, key) => {
  expect(ofAddress(address)).toBe(key);
});
