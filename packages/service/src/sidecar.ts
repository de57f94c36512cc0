import { timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest, preHandlerAsyncHookHandler } from 'fastify';
import { decodeIdentity, IDENTITY_HEADER, type Identity } from './identity.ts';

const CALLER_HEADER = 'dapr-caller-app-id';

/** Every value that a request gives for a header, also where it is repeated. */
function valuesOf(request: FastifyRequest, name: string): string[] {
  const raw = request.raw.rawHeaders;
  const values: string[] = [];
  for (let i = 0; i < raw.length; i += 2) if (raw[i]?.toLowerCase() === name) values.push(raw[i + 1] ?? '');
  return values;
}

function hasToken(request: FastifyRequest, token: string): boolean {
  const [given, ...more] = valuesOf(request, 'dapr-api-token');
  if (given === undefined || more.length > 0) return false;
  const a = Buffer.from(given);
  const b = Buffer.from(token);
  return a.length === b.length && timingSafeEqual(a, b);
}

function refuse(reply: FastifyReply, reason: string): FastifyReply {
  return reply.code(403).send({ error: reason });
}

/**
 * A hook for routes that the own sidecar alone may call (events, jobs): the app API token must be right, and a request
 * that another app sent through invocation, which Dapr marks with that app's id, is refused with 403.
 */
export function fromOwnSidecar(appToken: string): preHandlerAsyncHookHandler {
  return async (request, reply) => {
    if (!hasToken(request, appToken)) return refuse(reply, 'the app API token is missing or wrong');
    if (valuesOf(request, CALLER_HEADER).length > 0) return refuse(reply, 'this route is not for other apps');
  };
}

/**
 * A hook for routes that one other app may invoke. A caller's own copy of the caller header can arrive beside the one
 * that Dapr sets, so exactly one value, and that app's, is let through; anything else is refused with 403.
 */
export function fromApp(appToken: string, appId: string): preHandlerAsyncHookHandler {
  return async (request, reply) => {
    if (!hasToken(request, appToken)) return refuse(reply, 'the app API token is missing or wrong');
    const callers = valuesOf(request, CALLER_HEADER);
    if (callers.length !== 1 || callers[0] !== appId) return refuse(reply, `only ${appId} may call this route`);
  };
}

/** The identity that the gateway vouches for; undefined for an anonymous call. Use it behind `fromApp` only. */
export function identityOf(request: FastifyRequest): Identity | undefined {
  const value = onlyValueOf(request, IDENTITY_HEADER);
  return value === undefined ? undefined : decodeIdentity(value);
}

/** A header's value; undefined where it is not given exactly once. */
export function onlyValueOf(request: FastifyRequest, name: string): string | undefined {
  const values = valuesOf(request, name);
  return values.length === 1 ? values[0] : undefined;
}
