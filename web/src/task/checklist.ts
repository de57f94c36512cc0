import type { TaskCardFragment } from '../generated/operations.ts';

/** A checklist as lines of text, those that are done marked with [x]. */
export const checklistText = (task: TaskCardFragment | undefined): string =>
  (task?.checklist ?? []).map(({ text, done }) => `${done ? '[x] ' : ''}${text}`).join('\n');

/** What such lines say: items that are there keep their ids. */
export function checklistOf(text: string, task: TaskCardFragment | undefined) {
  const known = [...(task?.checklist ?? [])];
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
    .map((line) => {
      const done = /^\[x\]/i.test(line);
      const item = line.replace(/^\[[x ]?\]\s*/i, '');
      const at = known.findIndex((each) => each.text === item);
      const [same] = at < 0 ? [] : known.splice(at, 1);
      return { ...(same && { id: same.id }), text: item, done };
    });
}
