import { z } from 'zod';

/** What jsonb cannot hold: U+0000 and surrogates without their partner. */
const storable = z.string().refine((text) => !text.includes('\u0000') && text.isWellFormed(), {
  message: 'must not contain U+0000 or an unpaired surrogate',
});

const length = (text: string): number => Array.from(text).length;

const title = storable
  .transform((text) => text.trim())
  .refine((text) => length(text) >= 1 && length(text) <= 200, { message: 'must be 1 to 200 characters' });
const description = storable.refine((text) => length(text) <= 10_000, { message: 'must be at most 10,000 characters' });
const dueAt = z.string();

export const createTaskInput = z.object({
  title,
  description: description.nullish(),
  dueAt: dueAt.nullish(),
});

/** A field that is absent stays as it is. */
export const updateTaskInput = z
  .object({
    title: title.nullable().refine((value) => value !== null, { message: 'cannot be null' }),
    description: description.nullable(),
    dueAt: dueAt.nullable(),
  })
  .partial();
