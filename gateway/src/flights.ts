type Waiter<T> = { resolve: (value: T) => void; reject: (error: unknown) => void };
type Flight<T> = { waiters: Set<Waiter<T>>; abort: AbortController };

/** `onShared` is called where it need not be started. */
type Work<T> = { start: (signal: AbortSignal) => Promise<T>; onShared: () => void };

/** Work that is under way and whose result several may want. */
export type Flights<G, T> = {
  /**
   * Waits for the work under `key` that is under way, or starts it. Whoever's signal is aborted waits no more (the reason
   * is thrown); the work's own signal is aborted when nobody waits. Each waiter gets a copy of its own; errors are shared.
   */
  join: (group: G, key: string, signal: AbortSignal, work: Work<T>) => Promise<T>;
  /** From now on nobody joins what the group has under way. */
  detach: (group: G) => void;
};

/** Shares work in flight, and keeps nothing of it afterwards. `copy` makes a result for one more waiter. */
export function createFlights<G, T>(copy: (result: T) => T): Flights<G, T> {
  const groups = new Map<G, Map<string, Flight<T>>>();

  const leave = (group: G, key: string, flight: Flight<T>): void => {
    const flights = groups.get(group);
    if (flights?.get(key) !== flight) return;
    flights.delete(key);
    if (flights.size === 0) groups.delete(group);
  };

  const begin = (group: G, key: string, start: (signal: AbortSignal) => Promise<T>): Flight<T> => {
    const flight: Flight<T> = { waiters: new Set(), abort: new AbortController() };
    let flights = groups.get(group);
    if (!flights) groups.set(group, (flights = new Map()));
    flights.set(key, flight);
    void settle(flight, copy, () => start(flight.abort.signal).finally(() => leave(group, key, flight)));
    return flight;
  };

  return {
    join: async (group, key, signal, { start, onShared }) => {
      signal.throwIfAborted();
      const known = groups.get(group)?.get(key);
      if (known) onShared();
      const flight = known ?? begin(group, key, start);
      const { promise, resolve, reject } = Promise.withResolvers<T>();
      const waiter = { resolve, reject };
      flight.waiters.add(waiter);
      const giveUp = (): void => {
        flight.waiters.delete(waiter);
        reject(signal.reason);
        if (flight.waiters.size > 0) return;
        leave(group, key, flight);
        flight.abort.abort(signal.reason);
      };
      signal.addEventListener('abort', giveUp, { once: true });
      return promise.finally(() => signal.removeEventListener('abort', giveUp));
    },
    detach: (group) => void groups.delete(group),
  };
}

async function settle<T>({ waiters }: Flight<T>, copy: (result: T) => T, work: () => Promise<T>): Promise<void> {
  try {
    const result = await work();
    // All copied before the first may change it.
    const copies = [...waiters].map((waiter, i) => ({ waiter, own: i === 0 ? result : copy(result) }));
    for (const { waiter, own } of copies) waiter.resolve(own);
  } catch (error) {
    for (const waiter of waiters) waiter.reject(error);
  }
}
