/** Lets nothing through for a while to what failed again and again, then one to see. */
export type Circuits = {
  /** For how many milliseconds nothing goes through: 0 where something does. */
  waitOf(name: string): number;
  /** Those that nothing goes through now, or one only to see. */
  blocked(): string[];
  /** Those that failed again and again, and nothing has gone through since. */
  open(): string[];
  /** Says that something begins: false where another one is under way to see, or nothing goes through. */
  enter(name: string): boolean;
  leave(name: string, succeeded: boolean): void;
};

const FAILURES = 5;
const OPEN_MS = 30_000;
/** Circuits that are remembered: those that failed least lately go first. */
const MAX_CIRCUITS = 10_000;
/** What nobody tried for so long is forgotten: what failed waits less until it is tried again, so there is nothing to send. */
const REMEMBERED_MS = 30 * 60 * 60 * 1000;

type Circuit = { failures: number; failedAt: number; probing: boolean };

/** A circuit breaker for each name. A circuit opens after 5 failures in a row. */
export function createCircuits(openMs = OPEN_MS, now: () => number = Date.now): Circuits {
  // Only what has failed is remembered, in the order of the latest failures.
  const circuits = new Map<string, Circuit>();

  function forget(): void {
    for (const [name, { failedAt, probing }] of circuits) {
      if (circuits.size <= MAX_CIRCUITS && (probing || failedAt + REMEMBERED_MS > now())) return;
      circuits.delete(name);
    }
  }
  const waitOf = (circuit: Circuit | undefined): number =>
    circuit && circuit.failures >= FAILURES ? Math.max(0, circuit.failedAt + openMs - now()) : 0;
  const namesOf = (matches: (circuit: Circuit) => boolean): string[] =>
    [...circuits].flatMap(([name, circuit]) => (matches(circuit) ? [name] : []));

  return {
    waitOf: (name) => waitOf(circuits.get(name)),
    blocked: () => namesOf((circuit) => circuit.probing || waitOf(circuit) > 0),
    open() {
      forget();
      return namesOf(({ failures }) => failures >= FAILURES);
    },
    enter(name) {
      const circuit = circuits.get(name);
      if (!circuit || circuit.failures < FAILURES) return true;
      if (waitOf(circuit) > 0 || circuit.probing) return false;
      circuit.probing = true;
      return true;
    },
    leave(name, succeeded) {
      const failures = (circuits.get(name)?.failures ?? 0) + 1;
      circuits.delete(name);
      if (succeeded) return;
      circuits.set(name, { failures, failedAt: now(), probing: false });
      forget();
    },
  };
}
