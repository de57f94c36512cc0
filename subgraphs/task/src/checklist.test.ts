import { expect, it } from '@jest/globals';
import { checklistFrom } from './checklist.ts';

const known = [
  { id: 'a', text: 'Soil', done: true },
  { id: 'b', text: 'Water', done: false },
];

it('keeps the ids of items that are named, gives new ones an id, and drops the rest', () => {
  expect(
    checklistFrom(
      [
        { id: 'b', text: 'Much water', done: true },
        { id: null, text: 'Sun', done: false },
      ],
      known,
    ),
  ).toEqual([
    { id: 'b', text: 'Much water', done: true },
    { id: expect.stringMatching(/^[0-9a-f-]{36}$/), text: 'Sun', done: false },
  ]);
});

it.each([
  ['that is not there', [{ id: 'c', text: 'x', done: false }], 'checklist.0.id: is no item of this task'],
  [
    'twice',
    [
      { id: 'a', text: 'x', done: false },
      { id: 'a', text: 'y', done: false },
    ],
    'checklist.1.id: is in the list twice',
  ],
])('refuses an item %s', (_, input, message) => {
  expect(() => checklistFrom(input, known)).toThrow(message);
});
