import { expect, test } from '@jest/globals';
import type { TaskCardFragment } from '../generated/operations.ts';
import { checklistOf, checklistText } from './checklist.ts';

const task = {
  checklist: [
    { id: '1', text: 'Stamps', done: true },
    { id: '2', text: 'Stamps', done: false },
    { id: '3', text: 'Paper', done: false },
  ],
} as TaskCardFragment;

test('a checklist that is not edited stays as it is', () => {
  expect(checklistText(task)).toBe('[x] Stamps\nStamps\nPaper');
  expect(checklistOf(checklistText(task), task)).toEqual(task.checklist);
});

test('items keep their ids wherever they go; new ones have none', () => {
  expect(checklistOf('  Ink \n[x] Paper\n\n[ ] Stamps', task)).toEqual([
    { text: 'Ink', done: false },
    { id: '3', text: 'Paper', done: true },
    { id: '1', text: 'Stamps', done: false },
  ]);
});
