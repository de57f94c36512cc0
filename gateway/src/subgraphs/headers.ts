import { IDEMPOTENCY_HEADER } from '@todo/service/idempotency';
import { encodeIdentity, IDENTITY_HEADER, type Identity } from '@todo/service/identity';
import { GraphQLError } from 'graphql';
import type { GatewayConfig } from '../config.ts';
import type { Caller } from '../context.ts';
import type { Address } from './address.ts';

const encoded = new WeakMap<Identity, string>();

/** The identity header's value for a caller; empty for one without an identity. */
export function identityOf({ identity }: Pick<Caller, 'identity'>): string {
  if (!identity) return '';
  let value = encoded.get(identity);
  if (value === undefined) encoded.set(identity, (value = encodeIdentity(identity)));
  return value;
}

/**
 * The headers of a fetch, made from nothing: of the client's own only those of PROPAGATE_HEADERS go along.
 * @throws GraphQLError BAD_REQUEST where they are larger than MAX_SUBGRAPH_HEADER_BYTES: servers refuse them unread
 */
export function headersFor(
  config: GatewayConfig,
  address: Address,
  caller: Caller,
  idempotencyKey: string | undefined,
): Record<string, string> {
  const headers: Record<string, string> = {
    ...caller.headers,
    'content-type': 'application/json',
    accept: 'application/json',
    traceparent: caller.traceparent,
  };
  const identity = identityOf(caller);
  if (identity) headers[IDENTITY_HEADER] = identity;
  if (idempotencyKey !== undefined) headers[IDEMPOTENCY_HEADER] = idempotencyKey;
  if (address.viaSidecar) headers['dapr-api-token'] = config.DAPR_API_TOKEN as string;

  let bytes = 0;
  for (const name in headers) bytes += name.length + (headers[name] as string).length + ': \r\n'.length;
  if (bytes > config.MAX_SUBGRAPH_HEADER_BYTES) throw tooLarge(bytes, config.MAX_SUBGRAPH_HEADER_BYTES);
  return headers;
}

function tooLarge(bytes: number, most: number): GraphQLError {
  return new GraphQLError(
    `the access token's claims and the headers to be passed on take ${bytes} bytes, more than the ${most} that subgraphs get: use a token with fewer claims`,
    { extensions: { code: 'BAD_REQUEST' } },
  );
}
