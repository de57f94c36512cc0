import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import pg from 'pg';
import { eventually } from './stack/eventually.ts';
import { createTask, ok } from './stack/graphql.ts';
import { addWebhook, prefer } from './stack/notifications.ts';
import { ready } from './stack/ready.ts';
import { type Receiver, startReceiver } from './stack/receiver.ts';
import { type Sidecar, startSidecar } from './stack/sidecar.ts';
import { newUser } from './stack/user.ts';

const connectionString = ready().databases['notification'] as string;
const client = new pg.Client({ connectionString });
const resources = mkdtempSync(join(tmpdir(), 'components-'));
/** The same state store, which looks for what has expired each second instead of each hour. */
const component = `
apiVersion: dapr.io/v1alpha1
kind: Component
metadata:
  name: notification-state
spec:
  type: state.postgresql
  version: v2
  metadata:
    - { name: connectionString, envRef: STATE_URL }
    - { name: keyPrefix, value: none }
    - { name: cleanupInterval, value: 1s }
`;

let sidecar: Sidecar;
let receiver: Receiver;
beforeAll(async () => {
  await client.connect();
  receiver = await startReceiver();
  writeFileSync(join(resources, 'state.yaml'), component);
  sidecar = await startSidecar({ appId: 'notification-service', resources, env: { STATE_URL: connectionString } });
});
afterAll(async () => {
  await sidecar.stop();
  await receiver.stop();
  await client.end();
  rmSync(resources, { recursive: true });
});

it('what Dapr deletes when its time is over goes from the feed, and from the log of deliveries', async () => {
  const user = await newUser();
  await addWebhook(user, receiver.url);
  await prefer(user, { kinds: [{ kind: 'TASK_CREATED', channels: ['WEBHOOK'] }] });
  for (const title of ['Old', 'New']) await createTask(user, { title });
  const feed = async () =>
    (await ok(user, `{ me { notifications { nodes { id message deliveries { id status } } } } }`)).me.notifications
      .nodes;
  await eventually(async () =>
    expect((await feed()).flatMap(({ deliveries }: any) => deliveries.map(({ status }: any) => status))).toEqual([
      'DELIVERED',
      'DELIVERED',
    ]),
  );
  const old = (await feed()).find(({ message }: any) => /Old/.test(message));
  const keys = [`notification-${old.id}`, `delivery-${old.deliveries[0].id}`];
  const { rows } = await client.query<{ days: number }>(
    `select round(extract(epoch from expires_at - now()) / 86400)::integer as days from state where key = any($1)`,
    [keys],
  );
  expect(rows).toEqual([{ days: 90 }, { days: 90 }]);

  await client.query(`update state set expires_at = now() where key = any($1)`, [keys]);
  await eventually(async () =>
    expect((await feed()).map(({ message }: any) => message)).toEqual(['You created “New”']),
  );
  const left = await client.query(
    `select key from state where key = any($1) union all select id from notification where id = $2
     union all select id from delivery where notification_id = $2`,
    [keys, old.id],
  );
  expect(left.rows).toEqual([]);
});
