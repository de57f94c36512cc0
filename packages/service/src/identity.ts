import { z } from 'zod';

/** Carries the caller's identity from the gateway to a subgraph: base64url JSON. Only the gateway may set it. */
export const IDENTITY_HEADER = 'x-identity';

const identitySchema = z.object({
  sub: z.string().min(1),
  scopes: z.array(z.string()),
  claims: z.record(z.string(), z.unknown()),
});

/** Who calls: the verified token's subject, its scopes, and all its claims. */
export type Identity = z.infer<typeof identitySchema>;

/** The value of IDENTITY_HEADER for an identity. */
export function encodeIdentity(identity: Identity): string {
  return Buffer.from(JSON.stringify(identity)).toString('base64url');
}

/** The identity in a header's value; undefined where it is no such thing. */
export function decodeIdentity(header: string): Identity | undefined {
  try {
    return identitySchema.safeParse(JSON.parse(Buffer.from(header, 'base64url').toString('utf8'))).data;
  } catch {
    return undefined;
  }
}
