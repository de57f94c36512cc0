import { ok } from './graphql.ts';
import type { User } from './user.ts';

/** Sets preferences of a user. */
export const prefer = (user: User, input: object) =>
  ok(
    user,
    `mutation ($input: NotificationPreferencesInput!) { updateNotificationPreferences(input: $input) { version } }`,
    { input },
  );

/** Has notifications of a user sent to a webhook; resolves with what its signatures are checked with. */
export async function addWebhook(user: User, url: string): Promise<string> {
  const added = await ok(user, `mutation ($url: String!) { addWebhook(url: $url) { secret } }`, { url });
  return added.addWebhook.secret;
}
