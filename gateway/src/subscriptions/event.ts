import { z } from 'zod';

const cloudEvent = z.looseObject({
  specversion: z.string(),
  id: z.string().min(1),
  source: z.string().min(1),
  type: z.string().min(1),
  subject: z.string().optional(),
  time: z.string().optional(),
  data: z.unknown().optional(),
});

/** A CloudEvents 1.0 event in its structured JSON form. */
export type CloudEvent = z.infer<typeof cloudEvent>;

/** The event in a request's body; undefined where it is none. */
export function readEvent(body: string): CloudEvent | undefined {
  try {
    return cloudEvent.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined; // no JSON: the caller counts it
  }
}
