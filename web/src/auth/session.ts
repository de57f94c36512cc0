/** How long before its end a token is replaced. */
const AHEAD_MS = 60_000;
/** When a refresh that failed is tried again. */
const RETRY_MS = 5000;

type End = 'signed out' | 'expired';

/** A signed-in user. The token is in memory only, and gone with the page. */
export type Session = {
  user: { id: string; name: string; email: string; isAdmin: boolean };
  /** A token that is good for a while yet. Rejects where there is none to be had. */
  token(): Promise<string>;
  /** Calls back with each new token. Returns what stops that. */
  onToken(listener: (token: string) => void): () => void;
  /** Calls back once the user signs out, or the identity server no longer knows who it is. */
  onEnd(listener: (why: End) => void): () => void;
  signOut(): Promise<void>;
};

/** Keeps a session's token fresh. `refresh` gives undefined where the session has ended. */
export function startSession(
  first: string,
  refresh: () => Promise<string | undefined>,
  endSession: () => Promise<void>,
): Session {
  let current = received(first);
  let refreshing: Promise<string> | undefined;
  let timer: ReturnType<typeof setTimeout>;
  const tokenListeners = new Set<(token: string) => void>();
  const endListeners = new Set<(why: End) => void>();
  const { sub, name, email, scope = '' } = claimsOf(first);

  let isOver = false;
  const end = (why: End): void => {
    isOver = true;
    clearTimeout(timer);
    for (const listener of endListeners) listener(why);
  };
  const renew = async (): Promise<string> => {
    const next = isOver ? undefined : await refresh();
    if (next === undefined) {
      if (!isOver) end('expired');
      throw new Error('You are signed out.');
    }
    current = received(next);
    arm();
    for (const listener of tokenListeners) listener(next);
    return next;
  };
  const token = (): Promise<string> => {
    if (current.goodUntil - Date.now() > AHEAD_MS) return Promise.resolve(current.text);
    refreshing ??= renew().finally(() => (refreshing = undefined));
    return refreshing;
  };
  const arm = (delay = Math.max(0, current.goodUntil - Date.now() - AHEAD_MS)): void => {
    clearTimeout(timer);
    if (isOver) return;
    timer = setTimeout(() => void token().catch(() => arm(RETRY_MS)), delay);
  };
  arm();

  return {
    user: { id: sub, name, email, isAdmin: scope.split(' ').includes('admin') },
    token,
    onToken: (listener) => addTo(tokenListeners, listener),
    onEnd: (listener) => addTo(endListeners, listener),
    signOut: async () => {
      await endSession();
      end('signed out');
    },
  };
}

type Claims = { sub: string; name: string; email: string; scope?: string; iat: number; exp: number };

function claimsOf(token: string): Claims {
  const [, payload = ''] = token.split('.');
  const bytes = Uint8Array.from(atob(payload.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes)) as Claims;
}

/** By how long it lasts, not by when it ends: the user's clock may be wrong. */
function received(text: string): { text: string; goodUntil: number } {
  const { iat, exp } = claimsOf(text);
  return { text, goodUntil: Date.now() + (exp - iat) * 1000 };
}

function addTo<T>(set: Set<T>, item: T): () => void {
  set.add(item);
  return () => void set.delete(item);
}
