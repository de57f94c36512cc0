import { describe, expect, it } from '@jest/globals';
import { createTaskInput, updateTaskInput } from './input.ts';

describe('createTaskInput', () => {
  it('takes emoji, right-to-left text and 10,000 characters', () => {
    const input = { title: '  🪴 שתילים ', description: '🪴'.repeat(10_000), dueAt: null };
    expect(createTaskInput.parse(input)).toMatchObject({ title: '🪴 שתילים' });
  });

  it.each([
    ['an empty title', { title: '   ' }, 'title'],
    ['a title of 201 characters', { title: 'x'.repeat(201) }, 'title'],
    ['U+0000', { title: 'a\u0000b' }, 'title'],
    ['an unpaired surrogate', { title: 'x', description: '\ud800' }, 'description'],
    ['a description of 10,001 characters', { title: 'x', description: 'x'.repeat(10_001) }, 'description'],
  ])('refuses %s and names the field', (_, input, field) => {
    const fields = createTaskInput.safeParse(input).error?.issues.map((issue) => issue.path.join('.'));
    expect(fields).toContain(field);
  });
});

it('updateTaskInput keeps apart what is left out and what is null', () => {
  expect(updateTaskInput.parse({ description: null })).toEqual({ description: null });
  expect(updateTaskInput.safeParse({ title: null }).success).toBe(false);
});
