import { createPlaces } from '../rate/places.ts';
import { refusal } from '../refusal.ts';

/** Counts the open streams of each user. Returns what gives the place back; throws TOO_MANY_SUBSCRIPTIONS beyond `max`. */
export type StreamQuota = (key: string) => () => void;

export function createStreamQuota(max: number, onRefusal: () => void): StreamQuota {
  const take = createPlaces(max);
  return (key) => {
    const giveBack = take(key);
    if (giveBack) return giveBack;
    onRefusal();
    throw refusal('TOO_MANY_SUBSCRIPTIONS', `there are ${max} subscriptions open already: end one first`, 429);
  };
}
