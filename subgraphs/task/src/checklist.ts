import { badInput } from '@todo/service/errors';
import { v7 as uuidv7 } from 'uuid';
import type { ChecklistInput } from './input.ts';
import type { TaskDocument } from './task.ts';

type Checklist = TaskDocument['checklist'];

/** The checklist that an input makes of one. @throws BAD_USER_INPUT where it names an item that is not there, or one twice */
export function checklistFrom(input: ChecklistInput, known: Checklist = []): Checklist {
  const left = new Set(known.map(({ id }) => id));
  return input.map(({ id, text, done }, index) => {
    if (id == null) return { id: uuidv7(), text, done };
    if (left.delete(id)) return { id, text, done };
    const isTwice = known.some((item) => item.id === id);
    const message = isTwice ? 'is in the list twice' : 'is no item of this task: leave it out for a new item';
    const field = `checklist.${index}.id`;
    throw badInput(`${field}: ${message}`, [{ field, message }]);
  });
}
