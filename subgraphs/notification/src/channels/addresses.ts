import type { LookupAddress, LookupOptions } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { callbackify } from 'node:util';
import { badInput } from '@todo/service/errors';
import ipaddr from 'ipaddr.js';
import { Undeliverable } from './channel.ts';
import { addressesOf } from './lookup.ts';

type Cidr = [ipaddr.IPv4 | ipaddr.IPv6, number];

/** Networks that users' addresses may point to beside the public internet: none in production. */
export type AddressRules = { allow: readonly Cidr[] };

/** @throws where a text is no list of networks such as 127.0.0.0/8, comma-separated */
export const parseRules = (cidrs: string): AddressRules => ({
  allow: cidrs
    .split(',')
    .filter((text) => text.trim() !== '')
    .map((text) => ipaddr.parseCIDR(text.trim())),
});

/** Global unicast: all else of IPv6 is private, or another way to say an address of IPv4. */
const GLOBAL_V6 = ipaddr.parseCIDR('2000::/3') as [ipaddr.IPv6, number];

function isExempt(address: string, { allow }: AddressRules): boolean {
  const parsed = ipaddr.process(address);
  return allow.some(([network, bits]) => network.kind() === parsed.kind() && parsed.match(network, bits));
}

/** Whether an IP address is one of the public internet, or of the networks that the rules allow. */
export function isAllowed(address: string, rules: AddressRules): boolean {
  if (!ipaddr.isValid(address)) return false;
  if (isExempt(address, rules)) return true;
  const parsed = ipaddr.process(address);
  return parsed.range() === 'unicast' && (parsed.kind() === 'ipv4' || parsed.match(...GLOBAL_V6));
}

/** Of a URL's host: brackets stand around IPv6. */
const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[(.*)\]$/, '$1');

/**
 * `lookup` for a connection: the addresses that a name has at that moment, so that none can be put in their place after
 * they were checked. All of them must be allowed.
 */
export function guardedLookup(rules: AddressRules): LookupFunction {
  const check = callbackify(async (hostname: string, family: number): Promise<LookupAddress[]> => {
    const addresses = await addressesOf(hostname, family);
    if (addresses.every(({ address }) => isAllowed(address, rules))) return addresses;
    throw new Undeliverable(`${hostname} has a private address`);
  });
  return (hostname: string, { family, all }: LookupOptions, callback) => {
    check(hostname, familyOf(family), (error, addresses) => {
      const [first] = (error ? [] : addresses) as LookupAddress[];
      if (!first) return callback(error, '');
      return all ? callback(null, addresses) : callback(null, first.address, first.family);
    });
  };
}

const familyOf = (family: LookupOptions['family']): number =>
  typeof family === 'string' ? Number(family.slice(-1)) : (family ?? 0);

/** Refuses a URL by what it says itself; names are looked up when they are connected to. @throws Undeliverable */
export function parseAddress(text: string, rules: AddressRules): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || text.length > 2_048) throw new Undeliverable('must be a URL of up to 2,048 characters');
  const host = hostOf(url);
  const isLiteral = isIP(host) !== 0;
  const isPlain = url.protocol === 'http:' && isLiteral && isExempt(host, rules);
  if (url.protocol !== 'https:' && !isPlain) throw new Undeliverable('must begin with https://');
  if (url.username !== '' || url.password !== '') throw new Undeliverable('must hold no user name or password');
  if (url.hash !== '') throw new Undeliverable('must have no fragment');
  if (isLiteral && !isAllowed(host, rules)) throw new Undeliverable(`${host} is a private address`);
  return url;
}

const LOOKUP_MS = 5_000;

/**
 * Checks a URL that a user gives, also what its name resolves to, and gives its normal form.
 * @throws BAD_USER_INPUT that names the field
 */
export async function checkAddress(text: string, field: string, rules: AddressRules): Promise<string> {
  try {
    const url = parseAddress(text, rules);
    const host = hostOf(url);
    if (isIP(host) === 0) await resolved(host, rules);
    return url.href;
  } catch (error) {
    const message = (error as Error).message;
    throw badInput(`${field}: ${message}`, [{ field, message }]);
  }
}

function resolved(host: string, rules: AddressRules): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${host} could not be looked up`)), LOOKUP_MS);
    guardedLookup(rules)(host, { all: true }, (error) => {
      clearTimeout(timer);
      if (!error) resolve();
      else reject(error instanceof Undeliverable ? error : new Error(`${host} could not be looked up`));
    });
  });
}
