import type { FastifyRequest } from 'fastify';
import { refusal } from '../refusal.ts';

/** What becomes part of markup and of a policy: a name or an address, and a port. */
const HOST = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d+)?$/i;

/** The host that a request names. Throws a GraphQLError: BAD_REQUEST (400). */
export function hostOf({ host }: FastifyRequest): string {
  if (HOST.test(host)) return host;
  throw refusal('BAD_REQUEST', 'the Host header is no host');
}
