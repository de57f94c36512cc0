/** Why the stack stops; a failure has a text for people. */
export type StopReason = { failure?: string; say: string };

export type StopSwitch = {
  /** Aborted by the first reason to stop. */
  signal: AbortSignal;
  /** Resolves with the first reason. */
  reason: Promise<StopReason>;
  stop: (reason: StopReason) => void;
};

/** npm hands a terminal's Ctrl-C on to the process that has got it already: that is not a second one. */
const SAME_KEY_PRESS_MS = 1000;

/**
 * Turns Ctrl-C, SIGTERM, SIGHUP, the end of the npm that started us, and our own bugs into one reason to stop.
 * `onImpatience` is called at a further signal.
 */
export const createStopSwitch = (onImpatience: () => void): StopSwitch => {
  const controller = new AbortController();
  const { promise: reason, resolve } = Promise.withResolvers<StopReason>();
  let stoppedAt: number | undefined;
  const stop = (why: StopReason): void => {
    if (stoppedAt !== undefined) return;
    stoppedAt = performance.now();
    resolve(why);
    controller.abort(new Error('the stack is stopping'));
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (stoppedAt !== undefined && performance.now() - stoppedAt > SAME_KEY_PRESS_MS) onImpatience();
      else stop({ say: name === 'SIGINT' ? 'Ctrl-C' : name });
    });
  }
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      stop({ say: 'an error of its own', failure: text });
    });
  }
  watchParent(stop);
  return { signal: controller.signal, reason, stop };
};

/** A shell between npm and this process may die of npm's SIGTERM without passing it on. */
const watchParent = (stop: (reason: StopReason) => void): void => {
  if (process.env['npm_lifecycle_event'] === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    stop({ say: 'the npm that started it is gone' });
  }, 500);
  timer.unref();
};
