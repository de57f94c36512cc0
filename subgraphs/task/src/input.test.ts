import { describe, expect, it } from '@jest/globals';
import { createTaskInput, updateTaskInput } from './input.ts';

const rest = { priority: 'NORMAL', tags: [], checklist: [] };
const item = (text: string) => ({ text, done: false });

describe('createTaskInput', () => {
  it('takes emoji, right-to-left text and 10,000 characters', () => {
    const input = { ...rest, title: '  🪴 שתילים ', description: '🪴'.repeat(10_000), dueAt: null };
    expect(createTaskInput.parse(input)).toMatchObject({ title: '🪴 שתילים' });
  });

  it.each([
    ['an empty title', { title: '   ' }, 'title'],
    ['a title of 201 characters', { title: 'x'.repeat(201) }, 'title'],
    ['U+0000', { title: 'a\u0000b' }, 'title'],
    ['an unpaired surrogate', { title: 'x', description: '\ud800' }, 'description'],
    ['a description of 10,001 characters', { title: 'x', description: 'x'.repeat(10_001) }, 'description'],
    ['21 tags', { tags: Array.from({ length: 21 }, (_, i) => `t${i}`) }, 'tags'],
    ['an empty tag', { tags: ['a', ' '] }, 'tags.1'],
    ['a tag of 51 characters', { tags: ['x'.repeat(51)] }, 'tags.0'],
    ['an unknown time zone', { dueAt: '2030-01-01T00:00:00.000Z', dueTimeZone: 'Mars/Olympus' }, 'dueTimeZone'],
    ['an offset for a time zone', { dueAt: '2030-01-01T00:00:00.000Z', dueTimeZone: '+01:00' }, 'dueTimeZone'],
    ['a time zone without a due date', { dueTimeZone: 'Europe/Berlin' }, 'dueTimeZone'],
    ['101 checklist items', { checklist: Array.from({ length: 101 }, () => item('x')) }, 'checklist'],
    ['an empty checklist item', { checklist: [item('x'), item('')] }, 'checklist.1.text'],
  ])('refuses %s and names the field', (_, input, field) => {
    const fields = createTaskInput
      .safeParse({ ...rest, title: 'x', ...input })
      .error?.issues.map((issue) => issue.path.join('.'));
    expect(fields).toContain(field);
  });
});

it('tags are kept in lower case, each once, in order', () => {
  const { tags } = createTaskInput.parse({ ...rest, title: 'x', tags: ['Home', ' garden ', 'HOME', 'É'] });
  expect(tags).toEqual(['garden', 'home', 'é']);
});

it('updateTaskInput wants a field to change', () => {
  expect(updateTaskInput.safeParse({}).success).toBe(false);
});

it('updateTaskInput keeps apart what is left out and what is null', () => {
  expect(updateTaskInput.parse({ description: null })).toEqual({ description: null });
  expect(updateTaskInput.safeParse({ title: null }).success).toBe(false);
});
