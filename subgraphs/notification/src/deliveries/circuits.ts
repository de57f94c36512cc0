/** Lets nothing through for a while to what failed again and again, then one to see. */
export type Circuits = {
  /** For how many milliseconds nothing goes through: 0 where something does. */
  waitOf(name: string): number;
  /** Those that nothing goes through now, or one only to see. */
  blocked(): string[];
  /** Says that something begins: false where another one is under way to see, or nothing goes through. */
  enter(name: string): boolean;
  leave(name: string, succeeded: boolean): void;
};

const FAILURES = 5;
const OPEN_MS = 30_000;
/** Circuits that are remembered: those that were used least lately go first. */
const MAX_CIRCUITS = 10_000;

type Circuit = { failures: number; openUntil: number; probing: boolean };

/** A circuit breaker for each name. A circuit opens after 5 failures in a row. */
export function createCircuits(openMs = OPEN_MS, now: () => number = Date.now): Circuits {
  // Only what has failed is remembered.
  const circuits = new Map<string, Circuit>();
  return {
    waitOf: (name) => Math.max(0, (circuits.get(name)?.openUntil ?? 0) - now()),
    blocked: () =>
      [...circuits].flatMap(([name, { openUntil, probing }]) => (probing || openUntil > now() ? [name] : [])),
    enter(name) {
      const circuit = circuits.get(name);
      if (!circuit || circuit.failures < FAILURES) return true;
      if (circuit.openUntil > now() || circuit.probing) return false;
      circuit.probing = true;
      return true;
    },
    leave(name, succeeded) {
      const circuit = circuits.get(name) ?? { failures: 0, openUntil: 0, probing: false };
      circuits.delete(name);
      if (succeeded) return;
      const failures = circuit.failures + 1;
      circuits.set(name, { failures, openUntil: failures < FAILURES ? 0 : now() + openMs, probing: false });
      for (const [oldest] of circuits) {
        if (circuits.size <= MAX_CIRCUITS) break;
        circuits.delete(oldest);
      }
    },
  };
}
