/** When something has to be done by, or given up. */
export type Deadline = {
  isOver: () => boolean;
  timedOut: () => boolean;
  /** Why it is over. */
  reason: () => unknown;
  /** Milliseconds that are left. */
  left: () => number;
  /** Has one function called when it is over; undefined: none. */
  onceOver: (call: (() => void) | undefined) => void;
  /** Lets go of the timer and of the parent: that may live for days (a subscription's), and must not gather listeners. */
  clear: () => void;
};

/** A deadline in `ms` milliseconds, which is also over once `parent` is aborted. No signal of its own: those are dear. */
export function deadline(ms: number, parent: AbortSignal): Deadline {
  const end = performance.now() + ms;
  let timedOut = false;
  let listener: (() => void) | undefined;
  const call = (): void => listener?.();
  const timer = setTimeout(() => {
    timedOut = true;
    call();
  }, ms);
  parent.addEventListener('abort', call);
  return {
    isOver: () => timedOut || parent.aborted,
    timedOut: () => timedOut,
    reason: () => (timedOut ? new Error(`no answer within ${ms} ms`) : parent.reason),
    left: () => end - performance.now(),
    onceOver: (given) => (listener = given),
    clear: () => {
      listener = undefined;
      clearTimeout(timer);
      parent.removeEventListener('abort', call);
    },
  };
}
