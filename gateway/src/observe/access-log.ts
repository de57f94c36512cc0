import type { Logger } from '@todo/service/logger';
import type { Arrival, Caller } from '../context.ts';
import type { StreamEnd } from '../operations/server.ts';
import type { Told } from './told.ts';

const MAX_TEXT = 256;
const MAX_CODES = 10;

/**
 * A line in the log for each operation, and for a subscription one at its start and one at its end. What a line holds is
 * listed here: never a token, a cookie, a variable or the text of an operation.
 */
export type AccessLog = {
  answered: (caller: Caller, told: Told, isStream: boolean) => void;
  ended: (caller: Caller, told: StreamEnd & Pick<Told, 'operation'>) => void;
  /** Nobody may be known yet. */
  turnedAway: (who: Arrival | Caller, told: Told) => void;
};

export function createAccessLog(logger: Logger): AccessLog {
  const write = (message: string, who: Arrival | Caller, { operation, ...told }: { operation?: string | undefined }) =>
    logger.info(
      {
        traceId: who.traceId,
        transport: who.transport.name,
        operation: bounded(operation),
        ...told,
        durationMs: Math.round((performance.now() - who.started) * 10) / 10,
        user: 'identity' in who ? bounded(who.identity?.sub) : undefined,
        address: who.address,
        userAgent: bounded(who.userAgent),
      },
      message,
    );
  return {
    answered: (caller, told, isStream) =>
      write(isStream ? 'subscription started' : 'operation', caller, withCodes(told)),
    ended: (caller, told) => write('subscription ended', caller, told),
    turnedAway: (who, told) => write('request turned away', who, withCodes(told)),
  };
}

function withCodes({ codes, ...told }: Told): object {
  return {
    ...told,
    ...(codes.length > 0 && { codes: [...new Set(codes)].slice(0, MAX_CODES).map(bounded) }),
  };
}

/** Clients choose these texts; JSON escapes the control characters that they hold. */
function bounded<T extends string | undefined>(text: T): T {
  return (text && text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text) as T;
}
