/** Identity, tokens of the platform, addresses that a client could forge, and what belongs to a single connection. */
const RESERVED = new RegExp(
  `^(?:${[
    'x-identity|idempotency-key|authorization|cookie|dapr-.*|traceparent|tracestate',
    'x-forwarded-.*|forwarded|via|x-real-ip|x-client-ip|x-cluster-client-ip|true-client-ip|cf-connecting-ip',
    'host|content-.*|http2-settings|transfer-encoding|connection|keep-alive|upgrade|te|trailer|proxy-.*|accept|accept-encoding|expect',
  ].join('|')})$`,
  'i',
);
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;

/** Whether a header must not be passed on from a client to subgraphs, or is none (RFC 9110, 5.1). */
export function isReserved(name: string): boolean {
  return RESERVED.test(name) || !TOKEN.test(name);
}
