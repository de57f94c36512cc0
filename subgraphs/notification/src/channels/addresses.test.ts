import { expect, it } from '@jest/globals';
import { checkAddress, guardedLookup, isAllowed, parseAddress, parseRules } from './addresses.ts';

const none = parseRules('');
const loopback = parseRules('127.0.0.0/8, ::1/128');

it.each([
  '127.0.0.1',
  '10.1.2.3',
  '172.16.0.1',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '0.0.0.0',
  '224.0.0.1',
  '255.255.255.255',
  '198.18.0.1',
  '192.0.2.1',
  '::1',
  '::',
  'fe80::1',
  'fd00::1',
  'ff02::1',
  '::ffff:127.0.0.1',
  '::ffff:10.0.0.1',
  '::127.0.0.1',
  '64:ff9b::7f00:1',
  '2002:7f00:1::',
  '2001:db8::1',
  'nonsense',
])('refuses %s', (address) => {
  expect(isAllowed(address, none)).toBe(false);
});

it('lets through the public internet, and what is allowed beside', () => {
  for (const address of ['93.184.216.34', '2606:2800:220:1:248:1893:25c8:1946', '::ffff:93.184.216.34'])
    expect(isAllowed(address, none)).toBe(true);
  for (const address of ['127.0.0.1', '::1', '::ffff:127.0.0.1']) expect(isAllowed(address, loopback)).toBe(true);
  expect(isAllowed('10.0.0.1', loopback)).toBe(false);
});

it.each([
  'http://example.com/hook',
  'ftp://example.com',
  'https://user:secret@example.com',
  'https://example.com/#part',
  'https://127.0.0.1/',
  'https://2130706433/',
  'https://0x7f.1/',
  'https://[::ffff:169.254.169.254]/',
  'http://127.0.0.1/',
  `https://example.com/${'x'.repeat(2_048)}`,
  'nonsense',
])('refuses the URL %s', (text) => {
  expect(() => parseAddress(text, none)).toThrow(/^must|private address/);
});

it('takes plain HTTP only to an address that is allowed by its number', () => {
  expect(parseAddress('http://127.0.0.1:8080/x', loopback).href).toBe('http://127.0.0.1:8080/x');
  expect(() => parseAddress('http://localhost:8080/x', loopback)).toThrow(/https/);
});

it('refuses a name that has a private address when it is looked up, and does not say which', async () => {
  const error = await new Promise<Error | null>((resolve) =>
    guardedLookup(none)('localhost', { all: true }, (problem) => resolve(problem)),
  );
  expect(error?.message).toBe('localhost has a private address');
  const found = await new Promise((resolve) =>
    guardedLookup(loopback)('localhost', { family: 4 }, (_, address) => resolve(address)),
  );
  expect(found).toBe('127.0.0.1');
  const ofMachine = new Promise((_, reject) => guardedLookup(none)('x.localhost', {}, (problem) => reject(problem)));
  await expect(ofMachine).rejects.toThrow('x.localhost has a private address');
  await expect(checkAddress('https://localhost/hook', 'url', none)).rejects.toMatchObject({
    extensions: { code: 'BAD_USER_INPUT', fields: [{ field: 'url', message: 'localhost has a private address' }] },
  });
});
