import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect } from '@jest/globals';
import { buildSchema, type GraphQLObjectType } from 'graphql';
import { encodeIdentity } from '@todo/service/identity';
import { createTask, ok } from '../stack/graphql.ts';
import { app } from '../stack/ready.ts';
import { RECEIVER_HOST } from '../stack/receiver.ts';
import { subscribe } from '../stack/subscription.ts';
import type { User } from '../stack/user.ts';
import { attack, expectNothingLeaked, tally } from './tools/attack.ts';
import { overHttp, refused, send, transports } from './tools/client.ts';
import { asUser, EVERYTHING, FUTURE, type Prey, SECRET, settle } from './tools/prey.ts';

let alice: Prey;
let mallory: User;

beforeAll(async () => {
  [alice, mallory] = await Promise.all([settle(), asUser()]);
}, 60_000);

const schema = buildSchema(readFileSync('schema/supergraph.graphql', 'utf8'), { assumeValidSDL: true });
const fieldsOf = (type: GraphQLObjectType | null | undefined): string[] => Object.keys(type?.getFields() ?? {});

type Attempt = [field: string, selection: () => string];

/** Every mutation that names something, with Alice's. */
const byId: Attempt[] = [
  ['updateTask', () => `updateTask(id: "${alice.task}", input: { title: "stolen" }) { id title }`],
  ['checkItem', () => `checkItem(id: "${alice.task}", itemId: "${alice.item}") { id title }`],
  ['startTask', () => `startTask(id: "${alice.task}") { id title }`],
  ['completeTask', () => `completeTask(id: "${alice.task}") { id title }`],
  ['reopenTask', () => `reopenTask(id: "${alice.task}") { id title }`],
  ['cancelTask', () => `cancelTask(id: "${alice.task}") { id title }`],
  ['deleteTask', () => `deleteTask(id: "${alice.task}") { id }`],
  ['addReminder', () => `addReminder(taskId: "${alice.task}", at: "2039-06-01T00:00:00Z") { id task { title } }`],
  ['cancelReminder', () => `cancelReminder(taskId: "${alice.task}", id: "${alice.reminder}") { id task { title } }`],
  ['snoozeReminder', () => `snoozeReminder(taskId: "${alice.task}", id: "${alice.reminder}", by: "PT1H") { id }`],
  [
    'setRecurrence',
    () => `setRecurrence(taskId: "${alice.task}", input: { rule: "FREQ=DAILY" }) { id task { title } }`,
  ],
  ['clearRecurrence', () => `clearRecurrence(taskId: "${alice.task}") { id title }`],
  ['skipOccurrence', () => `skipOccurrence(taskId: "${alice.task}", date: "${FUTURE}") { id task { title } }`],
  ['markNotificationRead', () => `markNotificationRead(id: "${alice.notification}") { id message }`],
  ['renewWebhookSecret', () => `renewWebhookSecret(id: "${alice.webhook}") { secret webhook { url } }`],
  ['removeWebhook', () => `removeWebhook(id: "${alice.webhook}") { id }`],
  ['removePushSubscription', () => `removePushSubscription(id: "${alice.push}") { id }`],
];
/** Mutations of many, each of which fails by itself. */
const inBulk: Attempt[] = [
  ['completeTasks', () => `completeTasks(ids: ["${alice.task}"]) { id task { title } error { code } }`],
  ['deleteTasks', () => `deleteTasks(ids: ["${alice.task}"]) { id task { title } error { code } }`],
];
/** What needs the scope `admin`. */
const ofAdmins: Attempt[] = [
  ['replayDeadLetter', () => `replayDeadLetter(id: "1") { id payload }`],
  ['discardDeadLetter', () => `discardDeadLetter(id: "1") { id payload }`],
];
/** Mutations that name nothing of anyone's: they change what is the caller's own. */
const ofOneself = [
  'createTask',
  'markAllNotificationsRead',
  'updateNotificationPreferences',
  'addWebhook',
  'addPushSubscription',
];

describe('another user’s things', () => {
  attack('every mutation has its attack here, or changes nothing but the caller’s own', async () => {
    const named = [...byId, ...inBulk, ...ofAdmins].map(([field]) => field);
    expect([...named, ...ofOneself].toSorted()).toEqual(fieldsOf(schema.getMutationType()).toSorted());
    expect(fieldsOf(schema.getQueryType()).toSorted()).toEqual(
      ['deadLetters', 'me', 'organizationReport', 'previewRecurrence', 'task', 'tasks', 'webPushKey'].toSorted(),
    );
    expect(fieldsOf(schema.getSubscriptionType()).toSorted()).toEqual([
      'notificationCreated',
      'taskChanged',
      'taskReminder',
    ]);
    return { cameBack: 'a new field without one fails this test', inputs: named.length };
  });

  for (const [field, selection] of byId)
    attack(`${field} with another user’s ids, over every transport and under an alias`, async () => {
      const before = await ok(alice.user, EVERYTHING, { id: alice.task });
      const told: string[] = [];
      for (const [transport, over] of transports)
        for (const alias of ['', 'mine: ']) {
          const answer = await over({ query: `mutation { ${alias}${selection()} }` }, { token: mallory.token });
          // GET takes no mutations at all.
          told.push(refused(answer, ...(transport === 'HTTP GET' ? ['BAD_REQUEST'] : ['NOT_FOUND'])));
          expect(answer.text).not.toContain(SECRET);
        }
      expect(await ok(alice.user, EVERYTHING, { id: alice.task })).toEqual(before);
      return tally(told);
    });

  for (const [field, selection] of inBulk)
    attack(`${field} with another user’s ids`, async () => {
      const before = await ok(alice.user, EVERYTHING, { id: alice.task });
      const { data } = await overHttp({ query: `mutation { ${selection()} }` }, { token: mallory.token });
      expect(data[field]).toEqual([{ id: alice.task, task: null, error: { code: 'NOT_FOUND' } }]);
      expect(await ok(alice.user, EVERYTHING, { id: alice.task })).toEqual(before);
      return 'NOT_FOUND for each';
    });

  attack('reading by ids, under twenty aliases, in fragments and by variables', async () => {
    const selection =
      'id title description tags checklist { text } reminders { id at } notifications { message } history { nodes { version } } recurrence { id }';
    const aliases = Array.from({ length: 19 }, (_, i) => `a${i}: task(id: "${alice.task}") { ...F }`).join(' ');
    const answers = await Promise.all([
      overHttp({ query: `{ ${aliases} } fragment F on Task { ${selection} }` }, { token: mallory.token }),
      overHttp(
        { query: `query ($id: ID!) { task(id: $id) { ${selection} } }`, variables: { id: alice.task } },
        { token: mallory.token },
      ),
      overHttp(
        { query: `{ ... { ... on Query { task(id: "${alice.task}") { ${selection} } } } }` },
        { token: mallory.token },
      ),
    ]);
    for (const answer of answers) {
      expect(answer.errors).toBeUndefined();
      expect(Object.values(answer.data).every((task) => task === null)).toBe(true);
    }
    return { cameBack: 'null, as for what is not there', inputs: 21 };
  });

  attack('filters, searches, orders and another user’s cursors', async () => {
    const attempts = [
      `tasks(filter: { search: "${SECRET}" }) { totalCount nodes { title } }`,
      `tasks(filter: { search: "zan" }) { totalCount nodes { title } }`,
      `tasks(filter: { tags: ["${SECRET}"] }) { totalCount nodes { title } }`,
      `tasks(filter: { dueFrom: "${FUTURE}" }, orderBy: { field: DUE_AT }) { totalCount nodes { title } }`,
      `tasks(filter: { search: "' OR 1=1 --" }) { totalCount nodes { title } }`,
      `tasks(filter: { search: "${SECRET}:* | !x" }) { totalCount nodes { title } }`,
      `tasks(filter: { search: "${alice.user.id}" }) { totalCount nodes { title } }`,
      `tasks(last: 20, before: "${alice.cursor}") { totalCount nodes { title } }`,
      `tasks(first: 20, after: "${alice.cursor}") { totalCount nodes { title } }`,
    ];
    const told: string[] = [];
    for (const attempt of attempts) {
      const answer = await overHttp({ query: `{ ${attempt} me { ${attempt} } }` }, { token: mallory.token });
      expectNothingLeaked(answer.text);
      const found = [answer.data?.tasks, answer.data?.me?.tasks].filter((one) => one);
      for (const one of found) expect(one).toEqual({ totalCount: 0, nodes: [] });
      if (found.length === 0) told.push(refused(answer, 'BAD_USER_INPUT'));
      else told.push('nothing found');
    }
    return tally(told);
  });

  attack('another user’s idempotency key, with the same arguments', async () => {
    const key = `key-${randomUUID()}`;
    const query = `mutation ($key: String) { createTask(input: { title: "${SECRET}" }, idempotencyKey: $key) { id } }`;
    const hers = await ok(alice.user, query, { key });
    const his = await ok(mallory, query, { key });
    expect(his.createTask.id).not.toBe(hers.createTask.id);
    const hook = `mutation ($key: String) { addWebhook(url: "https://${RECEIVER_HOST}:1/same", idempotencyKey: $key) { secret } }`;
    const [first, second] = [
      await ok(alice.user, hook, { key: `${key}-2` }),
      await ok(mallory, hook, { key: `${key}-2` }),
    ];
    expect(second.addWebhook.secret).not.toBe(first.addWebhook.secret);
    await ok(mallory, 'mutation ($id: ID!) { deleteTask(id: $id) { id } }', { id: his.createTask.id });
    return { cameBack: 'a thing of the caller’s own each', inputs: 2 };
  });
});

describe('entities', () => {
  attack('representations through the gateway', async () => {
    const told: string[] = [];
    for (const query of [
      `{ _entities(representations: [{ __typename: "Task", id: "${alice.task}" }]) { ... on Task { title } } }`,
      `query ($r: [_Any!]!) { _entities(representations: $r) { __typename } }`,
      `{ _service { sdl } }`,
      `{ a: _service { sdl } }`,
    ])
      for (const [, over] of transports)
        told.push(
          refused(await over({ query, variables: { r: [] } }, { token: mallory.token }), 'GRAPHQL_VALIDATION_FAILED'),
        );
    return tally(told);
  });

  // As though the gateway let them through: each subgraph looks at the owner itself.
  attack('representations of another user’s things at each subgraph, by the gateway’s own way', async () => {
    const at = { from: '2020-01-01', to: '2020-01-02' };
    const attempts: [string, string, object][] = [
      ['task-service', '... on Task { title }', { __typename: 'Task', id: alice.task }],
      ['task-service', '... on User { tasks { nodes { title } } }', { __typename: 'User', id: alice.user.id }],
      [
        'scheduler-service',
        '... on Task { reminders { id at } recurrence { id } }',
        { __typename: 'Task', id: alice.task },
      ],
      [
        'scheduler-service',
        '... on User { upcomingReminders { nodes { id at } } }',
        { __typename: 'User', id: alice.user.id },
      ],
      [
        'notification-service',
        '... on Notification { message }',
        { __typename: 'Notification', id: alice.notification },
      ],
      ['notification-service', '... on Task { notifications { message } }', { __typename: 'Task', id: alice.task }],
      [
        'notification-service',
        '... on User { notifications { nodes { message } } webhooks { url } pushSubscriptions { endpoint } unreadNotifications notificationPreferences { version } }',
        { __typename: 'User', id: alice.user.id },
      ],
      ['analytics-service', '... on Task { history { nodes { version } } }', { __typename: 'Task', id: alice.task }],
      [
        'analytics-service',
        `... on User { activity(days: 7) { created } report(from: "${at.from}", to: "${at.to}") { asOf } streaks { longest } }`,
        { __typename: 'User', id: alice.user.id },
      ],
    ];
    const told: string[] = [];
    for (const [service, selection, representation] of attempts) {
      const { status, text } = await send({
        url: `http://127.0.0.1:${app('api-gateway').daprHttpPort}/v1.0/invoke/${service}/method/graphql`,
        headers: {
          'content-type': 'application/json',
          'dapr-api-token': app('api-gateway').daprApiToken,
          'x-identity': encodeIdentity({ sub: mallory.id, scopes: [], claims: { sub: mallory.id } }),
        },
        body: JSON.stringify({
          query: `query ($r: [_Any!]!) { _entities(representations: $r) { ${selection} } }`,
          variables: { r: [representation] },
        }),
      });
      expect([service, status]).toEqual([service, 200]);
      const { data, errors } = JSON.parse(text) as { data: any; errors?: unknown[] };
      expect(text).not.toContain(SECRET);
      expect([service, selection, holdsAnything(data?._entities?.[0])]).toEqual([service, selection, false]);
      told.push(errors ? 'an error' : 'nothing');
    }
    return tally(told);
  });
});

/** Whether there is anything but nulls, zeros and empty lists. */
function holdsAnything(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(holdsAnything);
  if (value && typeof value === 'object') return Object.values(value).some(holdsAnything);
  return value !== null && value !== undefined && value !== 0;
}

describe('subscriptions', () => {
  attack(
    'streams about another user’s things: by id, by tricks with the filter, by another user’s cursor',
    async () => {
      const victim = await subscribe(alice.user, 'subscription { taskChanged { id } }');
      const ids = [alice.task, '', "' || true || '", '" || true || "', alice.user.id, 'null', '__proto__'];
      const streams = await Promise.all([
        ...ids.map((id) =>
          subscribe(mallory, 'subscription ($id: ID) { taskChanged(id: $id) { id task { title } } }', { id }),
        ),
        subscribe(mallory, 'subscription { taskReminder { id task { title } } }'),
        subscribe(mallory, 'subscription { notificationCreated { id notification { message } task { title } } }'),
      ]);
      await createTask(alice.user, { title: SECRET });
      await victim.next();
      // What is Mallory's own comes after it.
      const own = await subscribe(mallory, 'subscription { taskChanged { task { title } } }');
      const task = await createTask(mallory, { title: 'own' });
      await own.next(({ taskChanged }) => taskChanged.task.title === 'own');
      for (const { received } of streams) expect(JSON.stringify(received)).not.toContain(SECRET);
      expect(JSON.stringify(own.received)).not.toContain(SECRET);
      await Promise.all([...streams, victim, own].map((live) => live.stop()));
      await ok(mallory, 'mutation ($id: ID!) { deleteTask(id: $id) { id } }', { id: task.id });
      return { cameBack: 'no event of anyone else', inputs: streams.length };
    },
  );

  attack('cursors that are forged', async () => {
    const told: string[] = [];
    for (const cursor of [
      '',
      'x',
      'AAAA',
      '../..',
      '{}',
      Buffer.from('{"task.created":[0,0,0]}').toString('base64url'),
      'x'.repeat(4000),
      '__proto__',
    ])
      for (const [transport, over] of transports.filter(([name]) => !name.startsWith('HTTP'))) {
        const query = 'subscription { taskReminder { id } }';
        // An empty one is none: there would be a stream.
        if (cursor === '') continue;
        const answer = await over({ query, extensions: { cursor } }, { token: mallory.token });
        expect(transport).toBeDefined();
        told.push(refused(answer, 'CURSOR_TOO_OLD', 'BAD_USER_INPUT', 'BAD_REQUEST'));
      }
    return tally(told);
  });
});
