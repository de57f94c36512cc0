/** Whether a text names an IANA time zone that this machine knows. */
export function isTimeZone(name: string): boolean {
  // Offsets such as +01:00 are taken by Intl as well, but know no daylight saving time.
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }));
  } catch {
    return false;
  }
}
