/** What a timer of Node can wait at most: 24 days. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** Calls `end` once a token has expired (`expires` in milliseconds since 1970; never where undefined). Returns what stops it. */
export function onceExpired(expires: number | undefined, end: () => void): () => void {
  if (expires === undefined) return () => {};
  let timer: NodeJS.Timeout;
  const arm = (): void => {
    const delay = expires - Date.now();
    timer = setTimeout(delay > MAX_DELAY_MS ? arm : end, Math.min(Math.max(delay, 0), MAX_DELAY_MS));
  };
  arm();
  return () => clearTimeout(timer);
}
