/**
 * The header that the gateway sends with every mutation: the key of the client's operation (the client's own, or one of
 * the gateway's), 1 to 255 visible ASCII characters, alike for all requests that one operation needs. A root field of a
 * mutation is told by the caller's identity, this key and the field's response key (its alias, or its name): that is
 * unique within an operation, and a client's retry gives the same again, however the operation is planned by then.
 */
export const IDEMPOTENCY_HEADER = 'idempotency-key';
