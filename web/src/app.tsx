import { useEffect, useState } from 'react';
import type { Identity } from './auth/identity.ts';
import type { Session } from './auth/session.ts';
import { SignIn } from './auth/sign-in.tsx';
import { Shell } from './shell.tsx';

/** Either the sign-in form, or the application of whoever is signed in. */
export function App({ identity, resumed }: { identity: Identity; resumed: Session | undefined }) {
  const [session, setSession] = useState(resumed);
  const [isExpired, setIsExpired] = useState(false);
  useEffect(
    () =>
      session?.onEnd((why) => {
        setIsExpired(why === 'expired');
        setSession(undefined);
      }),
    [session],
  );
  return session ? (
    <Shell key={session.user.id} session={session} />
  ) : (
    <SignIn identity={identity} isExpired={isExpired} onSession={setSession} />
  );
}
