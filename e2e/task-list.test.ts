import { expect, it } from '@jest/globals';
import { createTask, graphql, ok } from './stack/graphql.ts';
import { newUser } from './stack/user.ts';

const PAGE = `query ($first: Int!, $after: String) {
  tasks(first: $first, after: $after) { nodes { id title } pageInfo { hasNextPage endCursor } }
}`;

it('pages through all of the caller’s tasks, newest first, and sees a write at once', async () => {
  const user = await newUser();
  const ids: string[] = [];
  for (let i = 0; i < 5; i += 1) ids.unshift((await createTask(user, { title: `Task ${i}` })).id);
  const seen: string[] = [];
  let after: string | null = null;
  do {
    const { tasks } = (await ok(user, PAGE, { first: 2, after })) as {
      tasks: { nodes: { id: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
    };
    seen.push(...tasks.nodes.map((node) => node.id));
    after = tasks.pageInfo.hasNextPage ? tasks.pageInfo.endCursor : null;
  } while (after);
  expect(seen).toEqual(ids);

  await ok(user, `mutation ($id: ID!) { deleteTask(id: $id) { id } }`, { id: ids[0] });
  const { tasks } = await ok(user, PAGE, { first: 10 });
  expect(tasks.nodes.map((node: { id: string }) => node.id)).toEqual(ids.slice(1));
});

it.each([
  ['a page of 101', PAGE, { first: 101 }, 'first'],
  ['a cursor of nothing', PAGE, { first: 1, after: 'nonsense' }, 'after'],
  ['an empty title', `mutation { createTask(input: { title: " " }) { id } }`, {}, 'title'],
  ['U+0000', `mutation ($t: String!) { createTask(input: { title: $t }) { id } }`, { t: 'a\u0000' }, 'title'],
])('refuses %s and names the field', async (_, query, variables, field) => {
  const { errors } = await graphql(await newUser(), query, variables);
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', fields: [{ field }] });
});

it('refuses a date without an offset', async () => {
  const { errors } = await graphql(
    await newUser(),
    `
      mutation {
        createTask(input: { title: "x", dueAt: "2030-01-01" }) {
          id
        }
      }
    `,
  );
  expect(errors?.[0]?.extensions['code']).toMatch(/BAD_USER_INPUT|GRAPHQL_VALIDATION_FAILED/);
});
