/** Credentials of a user. */
export type Credentials = { email: string; password: string };

/** The identity server refused a request; `status` is its HTTP status. */
export class IdentityError extends Error {
  readonly status: number;
  constructor(message: string, status: number) {
    super(message);
    this.name = 'IdentityError';
    this.status = status;
  }
}

/**
 * Creates a user and signs them in.
 * @param identity URL of the server, such as http://localhost:4005
 * @returns a token for the gateway, good for 15 minutes
 * @throws IdentityError with status 422 when the e-mail address is taken
 */
export const signUp = async (
  identity: string,
  user: Credentials & { name: string; phoneNumber?: string | undefined },
): Promise<string> => tokenFor(identity, await post(identity, 'sign-up/email', user));

/**
 * Signs a user in.
 * @returns a token for the gateway, good for 15 minutes
 * @throws IdentityError with status 401 when address or password is wrong
 */
export const signIn = async (identity: string, { email, password }: Credentials): Promise<string> =>
  tokenFor(identity, await post(identity, 'sign-in/email', { email, password }));

/** Makes sure that a user exists; one that does keeps name and password. @throws IdentityError */
export const createUser = async (identity: string, user: Credentials & { name: string }): Promise<void> => {
  try {
    await post(identity, 'sign-up/email', user);
  } catch (error) {
    if (!(error instanceof IdentityError) || error.status !== 422) throw error;
  }
};

/** Sends a body and returns the session's cookies. */
const post = async (identity: string, path: string, body: object): Promise<string> => {
  const response = await fetch(`${identity}/api/auth/${path}`, {
    method: 'POST',
    // fetch marks its requests like a browser's; the server then wants to know the page's origin.
    headers: { 'content-type': 'application/json', origin: identity },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw await refusal(path, response);
  await response.body?.cancel();
  return response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ');
};

const tokenFor = async (identity: string, cookie: string): Promise<string> => {
  const response = await fetch(`${identity}/api/auth/token`, { headers: { cookie } });
  if (!response.ok) throw await refusal('token', response);
  return ((await response.json()) as { token: string }).token;
};

const refusal = async (path: string, response: Response): Promise<IdentityError> => {
  const text = await response.text();
  return new IdentityError(`identity answered ${response.status} to ${path}: ${text}`, response.status);
};
