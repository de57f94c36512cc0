/** When something has to be done by, or given up. */
export type Deadline = {
  /** Aborted when the time is over, or when nobody wants the result any more. */
  signal: AbortSignal;
  timedOut: () => boolean;
  /** Milliseconds that are left. */
  left: () => number;
  /** Lets go of the timer and of the parent: that may live for days (a subscription's), and must not gather listeners. */
  clear: () => void;
};

/** A deadline in `ms` milliseconds; its signal is also aborted with `parent`. */
export function deadline(ms: number, parent: AbortSignal): Deadline {
  const controller = new AbortController();
  const end = performance.now() + ms;
  let timedOut = false;
  const abort = (): void => controller.abort(parent.reason);
  const timer = setTimeout(() => {
    timedOut = true;
    controller.abort(new Error(`no answer within ${ms} ms`));
  }, ms);
  parent.addEventListener('abort', abort, { once: true });
  if (parent.aborted) abort();
  return {
    signal: controller.signal,
    timedOut: () => timedOut,
    left: () => end - performance.now(),
    clear: () => {
      clearTimeout(timer);
      parent.removeEventListener('abort', abort);
    },
  };
}
