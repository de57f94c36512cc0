/** Takes a place; what is returned gives it back. Undefined where all are taken. */
export type TakePlace = (key: string) => (() => void) | undefined;

/** Counts what is open at once per key; `max` 0: any number. */
export function createPlaces(max: number): TakePlace {
  const taken = new Map<string, number>();
  return (key) => {
    const count = taken.get(key) ?? 0;
    if (max > 0 && count >= max) return undefined;
    taken.set(key, count + 1);
    let isTaken = true;
    return () => {
      if (!isTaken) return;
      isTaken = false;
      const left = (taken.get(key) ?? 1) - 1;
      if (left > 0) taken.set(key, left);
      else taken.delete(key);
    };
  };
}
