import { lazy, Suspense, useEffect, useState } from 'react';
import { Provider, useSubscription } from 'urql';
import type { Session } from './auth/session.ts';
import { BoardScreen } from './board/board-screen.tsx';
import { useUnread } from './feed/use-unread.ts';
import { TaskChangedDocument } from './generated/operations.ts';
import { createClient } from './graphql/client.ts';
import { startLive, type Live } from './graphql/live.ts';
import { useStore } from './graphql/store.ts';
import { Link, usePath } from './router.tsx';
import { LiveBadge } from './ui/live-badge.tsx';
import { RateNotice } from './ui/rate-notice.tsx';
import { Loading } from './ui/states.tsx';
import { Toasts } from './ui/toasts.tsx';

const FeedScreen = lazy(() => import('./feed/feed-screen.tsx'));
const AnalyticsScreen = lazy(() => import('./analytics/analytics-screen.tsx'));
const PreferencesScreen = lazy(() => import('./preferences/preferences-screen.tsx'));

/** How long the screens wait for the live connection. */
const PATIENCE_MS = 2000;

/** The application of a signed-in user: navigation around one screen, over one live connection. */
export function Shell({ session }: { session: Session }) {
  const [live, setLive] = useState<Live>();
  useEffect(() => {
    const started = startLive(session);
    setLive(started);
    return started.stop;
  }, [session]);
  return live ? <Connected session={session} live={live} /> : <Loading />;
}

function Connected({ session, live }: { session: Session; live: Live }) {
  const gaps = useStore(live.gaps);
  const [{ client, since }, setClient] = useState(() => ({ client: createClient(session, live), since: gaps }));
  // Read once it listens, nothing can be missed between both; without a connection it is read all the same.
  const [isOpen, setIsOpen] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setIsOpen(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);
  useEffect(() => {
    if (gaps === since) return;
    // What was read before a gap may be out of date: an empty cache reads it again.
    setClient((last) => ({ client: isOpen ? createClient(session, live) : last.client, since: gaps }));
    setIsOpen(true);
  }, [gaps, since, isOpen, session, live]);
  return (
    <Provider value={client}>
      <Frame session={session} live={live} isOpen={isOpen} />
    </Provider>
  );
}

function Frame({ session, live, isOpen }: { session: Session; live: Live; isOpen: boolean }) {
  const path = usePath();
  const unread = useUnread(isOpen);
  // Whatever screen is shown: the lists of the others follow as well.
  useSubscription({ query: TaskChangedDocument });
  return (
    <div className="frame">
      <a className="skip" href="#main">
        Skip to content
      </a>
      <header className="bar">
        <strong className="brand">Tasks</strong>
        <nav aria-label="Screens">
          <Link to="/app/">Board</Link>
          <Link to="/app/feed">
            Feed
            {unread > 0 && (
              <span className="count" data-testid="unread">
                {unread}
                <span className="hidden"> unread</span>
              </span>
            )}
          </Link>
          <Link to="/app/analytics">Analytics</Link>
          <Link to="/app/preferences">Preferences</Link>
        </nav>
        <LiveBadge live={live} />
        <span className="who">{session.user.name}</span>
        <button className="quiet" onClick={() => void session.signOut()}>
          Sign out
        </button>
      </header>
      <RateNotice />
      <main id="main" tabIndex={-1}>
        <Suspense fallback={<Loading />}>{isOpen ? <Screen path={path} /> : <Loading />}</Suspense>
      </main>
      <Toasts />
    </div>
  );
}

function Screen({ path }: { path: string }) {
  if (path === '/app/feed') return <FeedScreen />;
  if (path === '/app/analytics') return <AnalyticsScreen />;
  if (path === '/app/preferences') return <PreferencesScreen />;
  return <BoardScreen />;
}
