import { expect, it } from '@jest/globals';
import { contactsOf } from './contacts.ts';
import { changePreferences, defaultPreferences, preferenceOf } from './preferences.ts';

const available = new Set(['EMAIL', 'WEBHOOK'] as const);
const change = (input: Parameters<typeof changePreferences>[1]) =>
  changePreferences(defaultPreferences, input, available);
const failure = (run: () => unknown) => {
  try {
    run();
  } catch (error) {
    return (error as { extensions: object }).extensions;
  }
  throw new Error('it did not fail');
};

it('changes what is named, and leaves the rest', () => {
  const once = change({ kinds: [{ kind: 'TASK_REMINDER', channels: ['EMAIL', 'EMAIL'], quiet: false }] });
  expect(preferenceOf(once, 'TASK_REMINDER')).toEqual({
    kind: 'TASK_REMINDER',
    channels: ['EMAIL'],
    digest: 'NONE',
    quiet: false,
  });
  const twice = changePreferences(
    once,
    {
      timeZone: 'Europe/Berlin',
      quietHours: { from: '22:00', to: '07:00' },
      kinds: [{ kind: 'TASK_CREATED', digest: 'DAILY' }],
    },
    available,
  );
  expect(preferenceOf(twice, 'TASK_REMINDER').channels).toEqual(['EMAIL']);
  expect(preferenceOf(twice, 'TASK_CREATED').digest).toBe('DAILY');
  expect(twice).toMatchObject({ version: 2, timeZone: 'Europe/Berlin', digestTime: '08:00' });
  expect(changePreferences(twice, { quietHours: null }, available).quietHours).toBeNull();
});

it.each([
  [{ timeZone: 'Mars/Olympus' }, 'timeZone'],
  [{ timeZone: '+01:00' }, 'timeZone'],
  [{ quietHours: { from: '24:00', to: '07:00' } }, 'quietHours.from'],
  [{ quietHours: { from: '07:00', to: '07:00' } }, 'quietHours'],
  [{ digestTime: '8:00' }, 'digestTime'],
  [{ kinds: [{ kind: 'TASK_CREATED' }, { kind: 'TASK_CREATED' }] }, 'kinds'],
  [{ kinds: [{ kind: 'TASK_CREATED', channels: ['EMAIL', 'SMS'] }] }, 'kinds.0.channels'],
  [{}, 'input'],
] as const)('refuses %j, and names the field', (input, field) => {
  const extensions = failure(() => change(input as never));
  expect(extensions).toMatchObject({ code: 'BAD_USER_INPUT', fields: [{ field }] });
});

const caller = (claims: object) => ({ sub: 'alice', scopes: [], claims: { ...claims } });

it('takes addresses from the token only, and none that is unverified', () => {
  const wanted = change({ kinds: [{ kind: 'TASK_CREATED', channels: ['EMAIL'] }] });
  const none = { email: null, phone: null };
  expect(contactsOf(caller({ email: 'alice@example.com' }), none, wanted).email).toBe('alice@example.com');
  const known = { email: 'later@example.com', phone: null, contactsAt: 200 };
  const older = caller({ email: 'alice@example.com', phone_number: '+4915112345678', iat: 100 });
  expect(contactsOf(older, known, wanted)).toEqual({ ...known, phone: '+4915112345678' });
  expect(contactsOf(caller({}), { email: 'before@example.com', phone: null }, wanted).email).toBe('before@example.com');
  for (const claims of [
    {},
    { email: 'x' },
    { email: 'alice@example.com', email_verified: false },
    { email: 'alice@example.com', email_verified: 'False' },
  ])
    expect(failure(() => contactsOf(caller(claims), none, wanted))).toMatchObject({ code: 'BAD_USER_INPUT' });
});
