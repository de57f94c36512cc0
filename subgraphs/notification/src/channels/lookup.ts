import type { LookupAddress } from 'node:dns';
import { Resolver } from 'node:dns/promises';

/**
 * Asks the name servers itself: `dns.lookup` would hold one of the process's four threads for as long as a user's name
 * server keeps it waiting.
 */
export const resolver = new Resolver({ timeout: 1_500, tries: 2 });

/** Every machine's own name (RFC 6761, 6.3): no name server is asked for it. */
const LOOPBACK: LookupAddress[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];

/**
 * The addresses of a full name, by DNS alone: what a host's own files say is not for users.
 * @param family 4 or 6; both unless given
 * @throws the error of the name servers where it has none
 */
export async function addressesOf(name: string, family = 0): Promise<LookupAddress[]> {
  const isWanted = (one: LookupAddress): boolean => family === 0 || one.family === family;
  if (/(^|\.)localhost\.?$/i.test(name)) return LOOPBACK.filter(isWanted);
  const results = await Promise.allSettled([
    family === 6 ? [] : resolver.resolve4(name),
    family === 4 ? [] : resolver.resolve6(name),
  ]);
  const found = results.flatMap((result, i) =>
    result.status === 'fulfilled' ? result.value.map((address) => ({ address, family: i === 0 ? 4 : 6 })) : [],
  );
  const failure = results.find(({ status }) => status === 'rejected') as PromiseRejectedResult | undefined;
  if (found.length === 0) throw failure?.reason ?? new Error(`${name} has no address`);
  return found;
}
