import { describe, expect, it } from '@jest/globals';
import { createTask, graphql, ok } from './stack/graphql.ts';
import { newUser } from './stack/user.ts';

const RENAME = `mutation ($id: ID!, $title: String!, $version: Int) {
  updateTask(id: $id, input: { title: $title }, expectedVersion: $version) { title version }
}`;

describe('optimistic concurrency', () => {
  it('a change that is based on an old version is a CONFLICT', async () => {
    const user = await newUser();
    const { id } = await createTask(user, { title: 'One' });
    await ok(user, RENAME, { id, title: 'Two', version: 1 });
    const { data, errors } = await graphql(user, RENAME, { id, title: 'Three', version: 1 });
    expect(data).toBeNull();
    expect(errors).toEqual([
      expect.objectContaining({
        message: `task ${id} has version 2, not 1: read it again`,
        path: ['updateTask'],
        extensions: expect.objectContaining({ code: 'CONFLICT', currentVersion: 2 }),
      }),
    ]);
  });

  it('of many changes at once that are based on one version, one wins and the others are CONFLICTs', async () => {
    const user = await newUser();
    const { id } = await createTask(user, { title: 'One' });
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, i) => graphql(user, RENAME, { id, title: `Writer ${i}`, version: 1 })),
    );
    const codes = answers.map(({ errors }) => errors?.[0]?.extensions['code'] ?? 'won').sort();
    expect(codes).toEqual([...Array.from({ length: 7 }, () => 'CONFLICT'), 'won']);
    const { task } = await ok(user, `query ($id: ID!) { task(id: $id) { version } }`, { id });
    expect(task.version).toBe(2);
  });

  it('changes that expect no version all take effect', async () => {
    const user = await newUser();
    const { id } = await createTask(user, { title: 'One' });
    const answers = await Promise.all([1, 2, 3].map((i) => graphql(user, RENAME, { id, title: `Writer ${i}` })));
    expect(answers.map(({ data }) => data?.updateTask.version).sort()).toEqual([2, 3, 4]);
  });
});
