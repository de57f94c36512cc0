import type { FastifyInstance } from 'fastify';
import { GraphQLError } from 'graphql';

/** A byte order mark is passed over. */
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Reads JSON bodies, and no others. What is no UTF-8 is refused (400): replaced characters would change what the client said. */
export function addJsonBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    let text: string;
    try {
      text = utf8.decode(body as Buffer);
    } catch {
      done(badRequest('the body is not UTF-8'));
      return;
    }
    void parse(request, text, done);
  });
}

function badRequest(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_REQUEST', http: { status: 400 } } });
}
