import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Lets pages of the trusted origins call with cookies, and read the tokens that come in headers.
 * @returns whether the request was a preflight, which is answered then
 */
export const answersPreflight = (
  trustedOrigins: string[],
  request: IncomingMessage,
  response: ServerResponse,
): boolean => {
  const { origin } = request.headers;
  if (origin === undefined || !trustedOrigins.includes(origin)) return false;
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('access-control-allow-credentials', 'true');
  response.setHeader('access-control-expose-headers', 'set-auth-jwt');
  response.setHeader('vary', 'origin');
  if (request.method !== 'OPTIONS') return false;
  response.setHeader('access-control-allow-methods', 'GET, POST');
  response.setHeader('access-control-allow-headers', 'content-type');
  response.writeHead(204).end();
  return true;
};
