import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { findIdentity } from './auth/identity.ts';
import './styles/base.css';
import './styles/layout.css';
import './styles/board.css';
import './styles/forms.css';

const root = createRoot(document.getElementById('root') as HTMLElement);
try {
  const identity = await findIdentity();
  root.render(
    <StrictMode>
      <App identity={identity} resumed={await identity.resume()} />
    </StrictMode>,
  );
} catch (error) {
  root.render(
    <main className="notice" role="alert">
      <h1>The service cannot be reached</h1>
      <p>{error instanceof Error ? error.message : String(error)}</p>
      <button onClick={() => location.reload()}>Try again</button>
    </main>,
  );
}
