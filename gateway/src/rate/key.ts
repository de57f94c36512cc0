import { hash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import type { Caller } from '../context.ts';

/** Whose quota a caller uses: a user's own, and without a user that of the address. */
export function quotaKey({ identity, address }: Pick<Caller, 'identity' | 'address'>): string {
  // Subjects hold any characters, at any length.
  if (identity) return `user:${hash('sha256', identity.sub, 'base64url')}`;
  return `address:${isIPv6(address) ? networkOf(address) : address}`;
}

/** The first 64 bits: a provider gives a household that many addresses or more. */
function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped) return mapped;
  const [head = '', tail] = address.toLowerCase().split('%')[0]?.split('::') ?? [];
  const groups = head === '' ? [] : head.split(':');
  const after = tail ? tail.split(':').length : 0;
  while (tail !== undefined && groups.length + after < 8) groups.push('0');
  return `${[...groups, ...(tail ? tail.split(':') : [])]
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}
