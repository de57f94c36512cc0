import type { ReactNode } from 'react';
import { createStore, useStore } from './graphql/store.ts';

const path = createStore(location.pathname);
addEventListener('popstate', () => path.set(location.pathname));

/** The path of the screen that is shown. */
export const usePath = (): string => useStore(path);

/** Leads to another screen without loading the page again. */
export function Link({ to, children }: { to: string; children: ReactNode }) {
  const isHere = usePath() === to;
  return (
    <a
      href={to}
      aria-current={isHere ? 'page' : undefined}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
        event.preventDefault();
        history.pushState(null, '', to);
        path.set(to);
      }}
    >
      {children}
    </a>
  );
}
