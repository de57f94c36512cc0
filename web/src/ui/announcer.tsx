import { createStore, useStore } from '../graphql/store.ts';

const message = createStore('');

/** Says something to those who cannot see that it happened. */
export const announce = (text: string): void => message.set(text);

export const Announcer = () => (
  <p className="hidden" aria-live="assertive" data-testid="announcer">
    {useStore(message)}
  </p>
);
