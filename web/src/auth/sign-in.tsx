import { useState, type FormEvent } from 'react';
import type { Identity } from './identity.ts';
import type { Session } from './session.ts';

type Props = {
  identity: Identity;
  /** Whether a session has ended by itself. */
  isExpired: boolean;
  onSession: (session: Session) => void;
};

/** The form for those who have an account, and for those who want one. */
export function SignIn({ identity, isExpired, onSession }: Props) {
  const [isNew, setIsNew] = useState(false);
  const [problem, setProblem] = useState<string>();
  const [isBusy, setIsBusy] = useState(false);

  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const text = (name: string): string => String(fields.get(name) ?? '');
    const credentials = { email: text('email'), password: text('password') };
    setIsBusy(true);
    setProblem(undefined);
    try {
      onSession(await (isNew ? identity.signUp({ ...credentials, name: text('name') }) : identity.signIn(credentials)));
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
      setIsBusy(false);
    }
  };

  return (
    <main className="entrance">
      <form className="panel" onSubmit={(event) => void submit(event)} aria-labelledby="entrance-title">
        <p className="brand">Tasks</p>
        <h1 id="entrance-title">{isNew ? 'Create an account' : 'Sign in'}</h1>
        {isExpired && <p role="status">Your session has ended. Sign in again to go on.</p>}
        {isNew && (
          <label>
            Name
            <input name="name" required maxLength={100} autoComplete="name" />
          </label>
        )}
        <label>
          E-mail
          <input name="email" type="email" required autoComplete="email" />
        </label>
        <label>
          Password
          <input
            name="password"
            type="password"
            required
            minLength={8}
            autoComplete={isNew ? 'new-password' : 'current-password'}
          />
        </label>
        {problem && (
          <p className="problem" role="alert">
            {problem}
          </p>
        )}
        <button className="primary" disabled={isBusy}>
          {isNew ? 'Sign up' : 'Sign in'}
        </button>
        <button type="button" className="quiet" onClick={() => setIsNew(!isNew)}>
          {isNew ? 'I have an account' : 'I am new here'}
        </button>
      </form>
    </main>
  );
}
