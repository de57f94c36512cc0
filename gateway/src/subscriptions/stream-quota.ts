import { GraphQLError } from 'graphql';

/** Counts the open streams of each user. Returns what gives the place back; throws TOO_MANY_SUBSCRIPTIONS beyond `max`. */
export type StreamQuota = (key: string) => () => void;

export function createStreamQuota(max: number): StreamQuota {
  const open = new Map<string, number>();
  return (key) => {
    const count = open.get(key) ?? 0;
    if (count >= max) {
      throw new GraphQLError(`there are ${max} subscriptions open already: end one first`, {
        extensions: { code: 'TOO_MANY_SUBSCRIPTIONS', http: { status: 429 } },
      });
    }
    open.set(key, count + 1);
    return () => {
      const left = (open.get(key) ?? 1) - 1;
      if (left > 0) open.set(key, left);
      else open.delete(key);
    };
  };
}
