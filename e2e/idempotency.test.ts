import { describe, expect, it } from '@jest/globals';
import { createTask, graphql, ok } from './stack/graphql.ts';
import { newUser } from './stack/user.ts';

const CREATE = `mutation ($title: String!, $key: String) {
  createTask(input: { title: $title }, idempotencyKey: $key) { id title version }
}`;
const count = `{ tasks { totalCount } }`;

describe('a mutation with a key', () => {
  it('gives the same answer again and changes nothing again, also at the same time', async () => {
    const user = await newUser();
    const answers = await Promise.all([1, 2, 3, 4].map(() => ok(user, CREATE, { title: 'One', key: 'k' })));
    expect(new Set(answers.map(({ createTask: { id } }) => id)).size).toBe(1);
    const { id } = answers[0].createTask;
    await ok(user, `mutation ($id: ID!) { updateTask(id: $id, input: { title: "Two" }) { id } }`, { id });
    expect(await ok(user, CREATE, { title: 'One', key: 'k' })).toEqual(answers[0]);
    expect((await ok(user, count)).tasks.totalCount).toBe(1);
  });

  it('is a CONFLICT with other arguments, and with another mutation', async () => {
    const user = await newUser();
    const { id } = (await ok(user, CREATE, { title: 'One', key: 'k' })).createTask;
    const others = [
      graphql(user, CREATE, { title: 'Other', key: 'k' }),
      graphql(
        user,
        `
          mutation ($id: ID!) {
            completeTask(id: $id, idempotencyKey: "k") {
              id
            }
          }
        `,
        { id },
      ),
    ];
    for (const { errors } of await Promise.all(others))
      expect(errors).toEqual([
        expect.objectContaining({
          message: expect.stringContaining('other arguments'),
          extensions: expect.objectContaining({ code: 'CONFLICT' }),
        }),
      ]);
    const list = await ok(user, `{ tasks { nodes { title status } } }`);
    expect(list.tasks.nodes).toEqual([{ title: 'One', status: 'PENDING' }]);
  });

  it('is one of its user: another has the key as well', async () => {
    for (const user of await Promise.all([newUser(), newUser()])) {
      await ok(user, CREATE, { title: 'Own', key: 'k' });
      expect((await ok(user, count)).tasks.totalCount).toBe(1);
    }
  });

  it('can be tried again after it failed', async () => {
    const user = await newUser();
    const { id } = await createTask(user, { title: 'One' });
    const start = `mutation ($id: ID!, $version: Int) { startTask(id: $id, expectedVersion: $version, idempotencyKey: "k") { status } }`;
    expect((await graphql(user, start, { id, version: 2 })).errors?.[0]?.extensions['code']).toBe('CONFLICT');
    expect((await ok(user, start, { id, version: 1 })).startTask).toEqual({ status: 'IN_PROGRESS' });
  });

  it('answers a repeated deletion', async () => {
    const user = await newUser();
    const { id } = await createTask(user, { title: 'One' });
    const remove = `mutation ($id: ID!) { deleteTask(id: $id, idempotencyKey: "k") { id } }`;
    for (let i = 0; i < 2; i += 1) expect((await ok(user, remove, { id })).deleteTask).toEqual({ id });
  });

  it.each(['', 'a b', 'é', 'x'.repeat(256)])('refuses the key %j', async (key) => {
    const { errors } = await graphql(await newUser(), CREATE, { title: 'One', key });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', fields: [{ field: 'idempotencyKey' }] });
  });
});

describe('an operation with the header', () => {
  const two = `mutation ($title: String!) { a: createTask(input: { title: $title }) { id } b: createTask(input: { title: "B" }) { id } }`;

  it('does each of its fields once', async () => {
    const user = await newUser();
    const send = () => graphql(user, two, { title: 'A' }, { 'idempotency-key': 'operation-1' });
    const first = await send();
    expect(first.errors).toBeUndefined();
    expect(first.data.a.id).not.toBe(first.data.b.id);
    expect(await send()).toEqual(first);
    expect((await ok(user, count)).tasks.totalCount).toBe(2);
  });

  it('is a CONFLICT where a field has other arguments', async () => {
    const user = await newUser();
    const send = (title: string) => graphql(user, two, { title }, { 'idempotency-key': 'operation-1' });
    await send('A');
    const { errors } = await send('Other');
    expect(errors?.map(({ path, extensions }) => [path, extensions['code']])).toEqual([[['a'], 'CONFLICT']]);
    expect((await ok(user, count)).tasks.totalCount).toBe(2);
  });
});
