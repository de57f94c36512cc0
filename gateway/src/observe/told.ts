/** What is told of an operation, in the access log and in its span. */
export type Told = {
  /** Its name. */
  operation?: string | undefined;
  type?: string | undefined;
  /** HTTP's, of a plain answer. */
  status?: number | undefined;
  outcome: 'ok' | 'errors' | 'refused';
  /** Of its errors. */
  codes: string[];
};
