import { z } from 'zod';

/** Operations that clients may ask for, by id; `bodies` has their texts. */
export type Documents = { byId: Map<string, string>; bodies: Set<string> };

const manifest = z.object({
  format: z.literal('apollo-persisted-query-manifest'),
  version: z.literal(1),
  operations: z.array(z.object({ id: z.string().min(1), body: z.string().min(1) })),
});
const plain = z.record(z.string().min(1), z.string().min(1));

/**
 * Reads a list of documents: Apollo's persisted query manifest, or an object of documents by id.
 * @throws where it is neither, or has one id for two documents
 */
export function readDocuments(json: string): Documents {
  const value: unknown = JSON.parse(json);
  const byId = new Map<string, string>();
  for (const [id, body] of entriesOf(value)) {
    if ((byId.get(id) ?? body) !== body) throw new Error(`two documents have the id ${id}`);
    byId.set(id, body);
  }
  return { byId, bodies: new Set(byId.values()) };
}

function entriesOf(value: unknown): [id: string, body: string][] {
  const isManifest = typeof value === 'object' && value !== null && 'format' in value;
  const parsed = isManifest ? manifest.safeParse(value) : plain.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const problem = issue && [...issue.path.map(String), issue.message].join(': ');
    throw new Error(`neither a persisted query manifest of Apollo's nor an object of documents by id: ${problem}`);
  }
  const { data } = parsed;
  return isManifest
    ? (data as z.infer<typeof manifest>).operations.map(({ id, body }) => [id, body])
    : Object.entries(data as z.infer<typeof plain>);
}
