import type { EventData } from '@todo/service/events';

/** What a reminder says to its user. */
export function reminderMessage({ kind, title }: EventData<'task.reminder'>): string {
  if (kind === 'AT') return `Reminder: “${title}”`;
  return kind === 'DUE' ? `“${title}” is due` : `“${title}” is due soon`;
}
