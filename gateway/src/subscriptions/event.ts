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

/** What Dapr makes of a record where it is told to leave the payload as it is. */
const wrapped = z.object({ type: z.literal('com.dapr.event.sent'), data_base64: z.base64() });

/** The event in a request's body, also where Dapr has wrapped it; undefined where it is none. */
export function readEvent(body: string): CloudEvent | undefined {
  try {
    const outer: unknown = JSON.parse(body);
    const wrapper = wrapped.safeParse(outer);
    const event: unknown = wrapper.success
      ? JSON.parse(Buffer.from(wrapper.data.data_base64, 'base64').toString())
      : outer;
    return cloudEvent.safeParse(event).data;
  } catch {
    return undefined; // no JSON: the caller counts it
  }
}
