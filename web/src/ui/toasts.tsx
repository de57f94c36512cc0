import { createStore, useStore } from '../graphql/store.ts';

type Toast = { id: number; text: string; kind: 'problem' | 'news' };
const MAX = 3;
const SHOWN_MS = 8000;
const toasts = createStore<Toast[]>([]);
let lastId = 0;

/** Tells the user something that has no place of its own on the page. */
export function toast(text: string, kind: Toast['kind'] = 'news'): void {
  const id = ++lastId;
  toasts.set([...toasts.get(), { id, text, kind }].slice(-MAX));
  setTimeout(() => toasts.set(toasts.get().filter((each) => each.id !== id)), SHOWN_MS);
}

export const Toasts = () => (
  <div className="toasts" role="log" aria-live="polite" aria-label="Messages">
    {useStore(toasts).map(({ id, text, kind }) => (
      <p key={id} className={kind}>
        {text}
      </p>
    ))}
  </div>
);
