import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';
import { z } from 'zod';

const rfc3339 = z.iso.datetime({ offset: true });

function toUtc(value: unknown): string {
  const parsed = rfc3339.safeParse(value);
  const instant = parsed.success ? new Date(parsed.data) : undefined;
  const year = instant?.getUTCFullYear() ?? Number.NaN;
  if (!instant || !(year >= 1 && year <= 9999))
    throw new GraphQLError(
      `DateTime must be RFC 3339 with an offset, such as 2030-01-31T09:00:00Z, in the years 1 to 9999: ${String(value)}`,
      {
        extensions: { code: 'BAD_USER_INPUT' },
      },
    );
  return instant.toISOString();
}

/** An instant (RFC 3339): any offset is taken, UTC with milliseconds is given and used inside. */
export const DateTime = new GraphQLScalarType<string, string>({
  name: 'DateTime',
  serialize: (value) => toUtc(value instanceof Date ? value.toISOString() : value),
  parseValue: toUtc,
  parseLiteral: (node) => toUtc(node.kind === Kind.STRING ? node.value : undefined),
});
