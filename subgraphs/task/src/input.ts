import { isTimeZone } from '@todo/service/time-zone';
import { z } from 'zod';

/** What jsonb cannot hold: U+0000 and surrogates without their partner. */
const storable = z.string().refine((text) => !text.includes('\u0000') && text.isWellFormed(), {
  message: 'must not contain U+0000 or an unpaired surrogate',
});

const length = (text: string): number => Array.from(text).length;

/** Text without white space around it, of up to `max` characters. */
export const line = (max: number) =>
  storable
    .transform((text) => text.trim())
    .refine((text) => length(text) >= 1 && length(text) <= max, { message: `must be 1 to ${max} characters` });

const MAX_TAGS = 20;
const MAX_ITEMS = 100;

/** A tag as it is kept and compared. */
export const tag = line(50).transform((text) => text.normalize('NFC').toLowerCase());

const tags = z
  .array(tag)
  .max(MAX_TAGS, `must be at most ${MAX_TAGS}`)
  .transform((all) => [...new Set(all)].sort());

const timeZone = z.string().refine(isTimeZone, { message: 'must be an IANA time zone, such as Europe/Berlin' });

const checklist = z
  .array(z.object({ id: z.string().nullish(), text: line(500), done: z.boolean() }))
  .max(MAX_ITEMS, `must be at most ${MAX_ITEMS} items`);
export type ChecklistInput = z.infer<typeof checklist>;

const fields = {
  title: line(200),
  description: storable.refine((text) => length(text) <= 10_000, { message: 'must be at most 10,000 characters' }),
  priority: z.enum(['LOW', 'NORMAL', 'HIGH', 'URGENT']),
  tags,
  dueAt: z.string(),
  dueTimeZone: timeZone,
  checklist,
};

export const createTaskInput = z
  .object({
    ...fields,
    description: fields.description.nullish(),
    dueAt: fields.dueAt.nullish(),
    dueTimeZone: fields.dueTimeZone.nullish(),
  })
  .refine(({ dueAt, dueTimeZone }) => dueTimeZone == null || dueAt != null, {
    path: ['dueTimeZone'],
    message: 'needs dueAt',
  });

/** Where null would clear what must be there. */
const notNull = <T extends z.ZodType>(schema: T) =>
  schema.nullable().refine((value) => value !== null, { message: 'cannot be null' });

/** A field that is absent stays as it is. */
export const updateTaskInput = z
  .object({
    title: notNull(fields.title),
    description: fields.description.nullable(),
    priority: notNull(fields.priority),
    tags: notNull(fields.tags),
    dueAt: fields.dueAt.nullable(),
    dueTimeZone: fields.dueTimeZone.nullable(),
    checklist: notNull(fields.checklist),
  })
  .partial()
  .refine((input) => Object.values(input).some((value) => value !== undefined), {
    message: 'names no field to change',
  });
