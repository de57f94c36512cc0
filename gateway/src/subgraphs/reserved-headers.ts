/** Identity, tokens of the platform, addresses that a client could forge, and what belongs to a single connection. */
const RESERVED = new RegExp(
  `^(?:${[
    'x-identity|authorization|cookie|dapr-.*|x-forwarded-.*|forwarded|x-real-ip|traceparent|tracestate',
    'host|content-.*|transfer-encoding|connection|keep-alive|upgrade|te|trailer|proxy-.*|accept|accept-encoding|expect',
  ].join('|')})$`,
  'i',
);
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;

/** Whether a header must not be passed on from a client to subgraphs, or is none (RFC 9110, 5.1). */
export function isReserved(name: string): boolean {
  return RESERVED.test(name) || !TOKEN.test(name);
}
