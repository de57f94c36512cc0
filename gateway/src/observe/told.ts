/** What is told of an operation, in the access log and in its span. */
export type Told = {
  /** Its name. */
  operation?: string | undefined;
  type?: string | undefined;
  /** HTTP's, of a plain answer. */
  status?: number | undefined;
  /** `failed`: by the platform's fault, as its code says (INTERNAL_SERVER_ERROR, …_UNAVAILABLE). `refused`: it never ran. */
  outcome: 'ok' | 'errors' | 'failed' | 'refused';
  /** Of its errors. */
  codes: string[];
};
