import { slidingWindow } from './window.ts';

export type BreakerState = 'closed' | 'half-open' | 'open';

type BreakerOptions = {
  /** Opens when this share of the calls within the window failed; 0: never. */
  failurePercent: number;
  windowMs: number;
  /** Fewer calls within the window say nothing. */
  minCalls: number;
  /** How long no call is let through. */
  openMs: number;
  /** What an error says of the callee; undefined: nothing (the client went away). */
  healthOf: (error: unknown) => 'good' | 'bad' | undefined;
  /** What a call that is not let through fails with. */
  refusal: () => Error;
  onChange: (state: BreakerState) => void;
  now?: () => number;
};

/**
 * A circuit breaker. Once open for `openMs` it lets one call through after another until one is answered, which closes it,
 * or fails, which opens it again; all others fail at once.
 *
 * Own code: in cockatiel, calls wait while a probe is under way, a probe that its client gave up closes the circuit, and
 * failures from before a quiet time count on.
 */
export function createBreaker(options: BreakerOptions): <T>(call: () => Promise<T>) => Promise<T> {
  const { failurePercent, windowMs, minCalls, openMs, healthOf, refusal, onChange } = options;
  const now = options.now ?? (() => performance.now());
  const recent = slidingWindow(windowMs, ['good', 'bad'], now);
  let state: BreakerState = 'closed';
  let openUntil = 0;
  let probing = false;
  // Calls that began in an earlier state say nothing of this one.
  let epoch = 0;

  const change = (next: BreakerState): void => {
    state = next;
    epoch++;
    probing = false;
    recent.clear();
    if (next === 'open') openUntil = now() + openMs;
    onChange(next);
  };

  const settle = (since: number, health: 'good' | 'bad' | undefined): void => {
    if (since !== epoch) return;
    probing = false;
    if (!health) return;
    if (state === 'half-open') return change(health === 'good' ? 'closed' : 'open');
    recent.add(health);
    const bad = recent.count('bad');
    const all = bad + recent.count('good');
    if (health === 'bad' && all >= minCalls && bad * 100 >= failurePercent * all) change('open');
  };

  if (failurePercent === 0) return (call) => call();
  return async (call) => {
    if (state === 'open' && now() >= openUntil) change('half-open');
    if (state === 'open' || probing) throw refusal();
    probing = state === 'half-open';
    const since = epoch;
    try {
      const result = await call();
      settle(since, 'good');
      return result;
    } catch (error) {
      settle(since, healthOf(error));
      throw error;
    }
  };
}
