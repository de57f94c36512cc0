/** Hive Gateway answers identical requests that are under way at once with one, unless it is told not to. */
export const gatewayConfig = {
  transportEntries: { '*.http': { options: { deduplicateInflightRequests: false } } },
};
