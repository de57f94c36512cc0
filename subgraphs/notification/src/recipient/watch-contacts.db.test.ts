import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { Identity } from '@todo/service/identity';
import { createLogger } from '@todo/service/logger';
import type { StateStore } from '@todo/service/state';
import { startNotificationDatabase, type TestDatabase } from '../testing/database.ts';
import { alice } from '../testing/recipients.ts';
import { type Recipient, recipientKey } from './recipient.ts';
import { watchContacts } from './watch-contacts.ts';

const logger = createLogger('test', 'silent');
let database: TestDatabase;
let reads = 0;
let isDown = false;
let state: StateStore<unknown>;
beforeAll(async () => {
  database = await startNotificationDatabase();
  const getMany: StateStore<unknown>['getMany'] = async (keys) => {
    reads += 1;
    if (isDown) throw new Error('the store is down');
    return database.state.getMany(keys);
  };
  state = { ...database.state, getMany };
}, 120_000);
afterAll(() => database.stop());
beforeEach(async () => {
  reads = 0;
  isDown = false;
  await database.orm.em.fork().execute('delete from state');
  const value = alice({ email: 'before@example.com' });
  await database.state.transact([{ op: 'create', key: recipientKey('alice'), value }]);
});

const token = (email: string, iat: number, claims: object = {}, sub = 'alice'): Identity => ({
  sub,
  scopes: [],
  claims: { email, iat, ...claims },
});
const known = async (sub = 'alice') => (await database.state.get(recipientKey(sub)))?.value as Recipient | undefined;
/** What is known after tokens were seen one after the other, by one replica. */
async function after(...tokens: Identity[]): Promise<Recipient | undefined> {
  const watch = watchContacts({ state, logger });
  for (const each of tokens) {
    watch.seen(each);
    await watch.stop();
  }
  return known();
}

it('takes up an address that was changed at the identity provider, and no older one after it', async () => {
  const [older, newer] = [token('older@example.com', 100), token('newer@example.com', 200)];
  expect(await after(newer, older)).toMatchObject({ email: 'newer@example.com', contactsAt: 200 });
  expect(await after(older)).toMatchObject({ email: 'newer@example.com', contactsAt: 200 });
});

it('looks once for as long as the address is the same', async () => {
  const one = token('one@example.com', 100);
  await after(one, one, { ...one, claims: { ...one.claims, iat: 200 } });
  expect(reads).toBe(1);
});

it('takes up none that is unverified, none of a kind that was never needed, and nothing of who is not known', async () => {
  const unverified = token('unverified@example.com', 100, { email_verified: false });
  const phone = token('before@example.com', 200, { phone_number: '+4915112345678' });
  const stranger = token('bob@example.com', 100, {}, 'bob');
  expect(await after(unverified, phone, stranger)).toMatchObject({ email: 'before@example.com', phone: null });
  expect(await known('bob')).toBeUndefined();
});

it('looks again with the next request where it could not', async () => {
  const watch = watchContacts({ state, logger });
  isDown = true;
  watch.seen(token('new@example.com', 100));
  await watch.stop();
  expect(await known()).toMatchObject({ email: 'before@example.com' });
  isDown = false;
  watch.seen(token('new@example.com', 100));
  await watch.stop();
  expect(await known()).toMatchObject({ email: 'new@example.com' });
});
