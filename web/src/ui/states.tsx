import type { CombinedError } from 'urql';

/** Something is on its way. */
export const Loading = () => (
  <p className="state" role="status">
    Loading …
  </p>
);

/** There is nothing, and why that is fine. */
export const Empty = ({ text }: { text: string }) => <p className="state">{text}</p>;

/** Something went wrong, and what can be done. */
export const Failed = ({ error, retry }: { error: CombinedError; retry: () => void }) => (
  <div className="state problem" role="alert">
    <p>{messageOf(error)}</p>
    <button onClick={retry}>Try again</button>
  </div>
);

/** What an error says to the user. */
export const messageOf = (error: CombinedError): string =>
  error.graphQLErrors[0]?.message ?? 'The service cannot be reached. Check the connection.';

/** The stable code of an error, where it has one. */
export const codeOf = (error: CombinedError | undefined): string | undefined =>
  error?.graphQLErrors[0]?.extensions['code'] as string | undefined;
