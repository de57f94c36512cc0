import { beforeAll, describe, expect, it } from '@jest/globals';
import { createTask, graphql, ok } from './stack/graphql.ts';
import { newUser, type User } from './stack/user.ts';

const CREATE = `mutation ($input: CreateTaskInput!) {
  createTask(input: $input) { title description priority tags dueAt dueTimeZone checklist { text done } }
}`;

let user: User;
beforeAll(async () => {
  user = await newUser();
});

const created = async (input: object) => (await ok(user, CREATE, { input: { title: 'x', ...input } })).createTask;

describe('takes', () => {
  it.each([
    ['emoji and right-to-left text', { title: '🪴 שלום \u202eعربي', description: '👩‍🌾' }],
    ['control characters', { description: 'a\tb\r\nc\u0001\u001f\u007f\u0085\u2028' }],
    ['10,000 characters of four bytes', { description: '🪴'.repeat(10_000) }],
    ['no description', { description: null }],
  ])('%s, as they are', async (_, input) => {
    expect(await created(input)).toMatchObject(input);
  });

  it('tags, a due date with its time zone, and a checklist', async () => {
    expect(
      await created({
        priority: 'URGENT',
        tags: [' Home', 'HOME', 'Ärger'],
        dueAt: '2040-07-01T09:00:00+02:00',
        dueTimeZone: 'Europe/Berlin',
        checklist: [{ text: ' Soil ' }, { text: 'Water', done: true }],
      }),
    ).toEqual({
      title: 'x',
      description: null,
      priority: 'URGENT',
      tags: ['home', 'ärger'],
      dueAt: '2040-07-01T07:00:00.000Z',
      dueTimeZone: 'Europe/Berlin',
      checklist: [
        { text: 'Soil', done: false },
        { text: 'Water', done: true },
      ],
    });
  });
});

describe('refuses, with one error that names the field,', () => {
  it.each([
    ['an empty title', { title: ' \u3000' }, 'title'],
    ['a title of 201 characters', { title: '🪴'.repeat(201) }, 'title'],
    ['U+0000', { title: 'a\u0000' }, 'title'],
    ['an unpaired surrogate', { description: 'a\ud800' }, 'description'],
    ['10,001 characters', { description: 'x'.repeat(10_001) }, 'description'],
    ['21 tags', { tags: Array.from({ length: 21 }, (_, i) => `${i}`) }, 'tags'],
    ['a tag of 51 characters', { tags: ['ok', 'x'.repeat(51)] }, 'tags.1'],
    ['an unknown time zone', { dueAt: '2040-01-01T00:00:00Z', dueTimeZone: 'Mars/Base' }, 'dueTimeZone'],
    ['a time zone without a date', { dueTimeZone: 'Europe/Berlin' }, 'dueTimeZone'],
    ['an item that is not there', { checklist: [{ id: 'nope', text: 'x' }] }, 'checklist.0.id'],
    ['101 items', { checklist: Array.from({ length: 101 }, () => ({ text: 'x' })) }, 'checklist'],
  ])('%s', async (_, input, field) => {
    const { data, errors } = await graphql(user, CREATE, { input: { title: 'x', ...input } });
    expect(data).toBeNull();
    expect(errors).toEqual([
      expect.objectContaining({
        message: expect.stringContaining(field),
        extensions: expect.objectContaining({ code: 'BAD_USER_INPUT', fields: [expect.objectContaining({ field })] }),
      }),
    ]);
  });

  it.each([
    ['an unknown priority', { priority: 'SOON' }, 'input.priority'],
    ['a date without an offset', { dueAt: '2030-01-01' }, 'dueAt'],
    ['a day that is not there', { dueAt: '2030-02-30T00:00:00Z' }, 'dueAt'],
    ['a date that is a number', { dueAt: 1_900_000_000 }, 'dueAt'],
    ['no title', { title: undefined }, 'title'],
    ['a field that is not there', { colour: 'red' }, 'colour'],
  ])('%s', async (_, input, field) => {
    const { data, errors } = await graphql(user, CREATE, { input: { title: 'x', ...input } });
    expect(data ?? null).toBeNull();
    expect(errors).toEqual([
      expect.objectContaining({
        message: expect.stringContaining(field),
        extensions: expect.objectContaining({ code: 'BAD_USER_INPUT' }),
      }),
    ]);
  });

  it('an unknown status in a filter', async () => {
    const list = `query ($filter: TaskFilter) { tasks(filter: $filter) { totalCount } }`;
    const { errors } = await graphql(user, list, { filter: { status: ['DONE'] } });
    expect(errors).toEqual([expect.objectContaining({ message: expect.stringContaining('filter.status[0]') })]);
  });
});

it.each([
  'nonsense',
  '../outbox-1',
  '',
  '0198C0DE-0000-7000-8000-000000000001',
  '0198c0de-0000-7000-8000-000000000001',
])('finds no task %j: null where it is asked for, NOT_FOUND where it is to change', async (id) => {
  expect((await ok(user, `query ($id: ID!) { task(id: $id) { id } }`, { id })).task).toBeNull();
  const { errors } = await graphql(
    user,
    `
      mutation ($id: ID!) {
        completeTask(id: $id) {
          id
        }
      }
    `,
    { id },
  );
  expect(errors).toEqual([
    expect.objectContaining({
      message: `there is no task ${id}`,
      extensions: expect.objectContaining({ code: 'NOT_FOUND' }),
    }),
  ]);
});

it("another user's task is not there", async () => {
  const { id } = await createTask(user, { title: 'Mine', checklist: [{ text: 'x' }] });
  const other = await newUser();
  expect((await ok(other, `query ($id: ID!) { task(id: $id) { id } }`, { id })).task).toBeNull();
  for (const field of ['startTask', 'completeTask', 'reopenTask', 'cancelTask', 'deleteTask']) {
    const { errors } = await graphql(other, `mutation ($id: ID!) { ${field}(id: $id) { id } }`, { id });
    expect(errors?.map(({ extensions }) => extensions['code'])).toEqual(['NOT_FOUND']);
  }
});
