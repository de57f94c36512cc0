import { GraphQLError } from 'graphql';
import type { Transport } from '../context.ts';
import { codeOf, refusal, statusOf } from '../refusal.ts';
import type { Charge } from './charge.ts';

/** Rejects with what the client is told of a failure to say who calls. */
export type FailedAuthentication = (failure: unknown, address: string, transport: Transport) => Promise<never>;

/**
 * Has tokens that are refused use up the quota that their address has without a user: beyond it, RATE_LIMITED. Valid
 * tokens do not come here, so nobody is locked out by what others send from the same address.
 */
export function createFailedAuthentication(charge: Charge): FailedAuthentication {
  return async (failure, address, transport) => {
    if (!(failure instanceof GraphQLError) || codeOf(failure) !== 'UNAUTHENTICATED') throw failure;
    const headers = await charge({ identity: undefined, address, transport }, 1).catch((error: unknown) => {
      // The caller is refused anyway: there is no need to know the quota.
      throw codeOf(error) === 'RATE_LIMIT_UNAVAILABLE' ? failure : error;
    });
    throw refusal('UNAUTHENTICATED', failure.message, statusOf(failure), headers);
  };
}
