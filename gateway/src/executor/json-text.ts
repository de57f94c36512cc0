/** Characters that JSON escapes; half a surrogate pair too, and a whole one is rare enough to be looked at twice. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const ESCAPED = /[\u0000-\u001f"\\\ud800-\udfff]/;

/** The JSON text of a string: as JSON.stringify gives it, in half the time. */
export function quote(text: string): string {
  return ESCAPED.test(text) ? JSON.stringify(text) : `"${text}"`;
}

/** The JSON text of a JSON value. */
export function jsonText(value: unknown): string {
  return typeof value === 'string' ? quote(value) : JSON.stringify(value);
}
