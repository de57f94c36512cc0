import { randomUUID } from 'node:crypto';
import { expect } from '@jest/globals';
import { eventually } from '../../stack/eventually.ts';
import { createTask, ok } from '../../stack/graphql.ts';
import { RECEIVER_HOST } from '../../stack/receiver.ts';
import type { User } from '../../stack/user.ts';
import { BROWSER_KEYS } from './browser-keys.ts';
import { someone } from './issuer.ts';

/** What nobody but Alice may ever see. */
export const SECRET = 'zanzibar-secret';
export const FUTURE = '2040-01-01T00:00:00.000Z';

/** What Alice has, by which Mallory tries to get at it. */
export type Prey = {
  user: User;
  task: string;
  item: string;
  reminder: string;
  notification: string;
  webhook: string;
  push: string;
  cursor: string;
};

/** A user that nobody signed up. */
export const asUser = async (): Promise<User> => ({
  ...(await someone({ email: `${randomUUID()}@example.com` })),
  email: '',
  password: '',
});

/** All that can be seen of a task and its owner. */
export const EVERYTHING = `query ($id: ID!) {
  task(id: $id) { id title description status tags dueAt version checklist { id text done } reminders { id at } recurrence { id }
    notifications { id message readAt } history(first: 20) { nodes { version } } }
  me { notificationPreferences { version timeZone } webhooks { id url } pushSubscriptions { id endpoint } unreadNotifications
    upcomingReminders { nodes { id at } } } }`;

/** Has a user with one of everything. Resolves once all of it is there. */
export async function settle(): Promise<Prey> {
  const user = await asUser();
  const input = { title: SECRET, description: SECRET, tags: [SECRET], dueAt: FUTURE, checklist: [{ text: SECRET }] };
  const { id: task } = await createTask(user, input);
  const webhook = await ok(
    user,
    `mutation { addWebhook(url: "https://${RECEIVER_HOST}:1/${SECRET}") { webhook { id } } }`,
  );
  const push = await ok(
    user,
    `mutation ($input: PushSubscriptionInput!) { addPushSubscription(input: $input) { id } }`,
    {
      input: {
        endpoint: `https://${RECEIVER_HOST}:1/${SECRET}`,
        ...BROWSER_KEYS,
      },
    },
  );
  const added = await ok(
    user,
    `mutation ($task: ID!) { addReminder(taskId: $task, at: "2039-01-01T00:00:00Z") { id } }`,
    { task },
  );
  let notification = '';
  await eventually(async () => {
    const { me } = await ok(user, '{ me { notifications { nodes { id } } } }');
    notification = me.notifications.nodes[0].id;
    expect((await ok(user, EVERYTHING, { id: task })).task.history.nodes).toHaveLength(1);
  });
  const { tasks } = await ok(user, '{ tasks { pageInfo { endCursor } nodes { checklist { id } } } }');
  return {
    user,
    task,
    item: tasks.nodes[0].checklist[0].id,
    reminder: added.addReminder.id,
    notification,
    webhook: webhook.addWebhook.webhook.id,
    push: push.addPushSubscription.id,
    cursor: tasks.pageInfo.endCursor,
  };
}
