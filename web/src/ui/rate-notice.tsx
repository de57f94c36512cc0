import { useEffect, useState } from 'react';
import { heldUntil } from '../graphql/gateway-fetch.ts';
import { useStore } from '../graphql/store.ts';

/** Says that operations wait for the rate limit, and for how long. */
export function RateNotice() {
  const until = useStore(heldUntil);
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (until === undefined) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [until]);
  if (until === undefined) return null;
  return (
    <p className="banner" role="alert">
      Too many requests. Going on in {Math.max(1, Math.ceil((until - now) / 1000))} s; nothing is lost.
    </p>
  );
}
