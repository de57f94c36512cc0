import type { FastifyInstance } from 'fastify';
import type { IncomingHttpHeaders } from 'node:http';
import { refusal } from '../refusal.ts';

/** A byte order mark is passed over. */
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Reads JSON bodies, and no others. What is no UTF-8 is refused (400): replaced characters would change what the client said. */
export function addJsonBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const problem = problemOf(request.headers);
    if (problem !== undefined) {
      done(refusal('BAD_REQUEST', problem, 415, { 'accept-encoding': 'identity' }));
      return;
    }
    let text: string;
    try {
      text = utf8.decode(body as Buffer);
    } catch {
      done(refusal('BAD_REQUEST', 'the body is not UTF-8'));
      return;
    }
    void parse(request, text, done);
  });
}

/** Why the body is nothing that is read here; JSON is UTF-8 (RFC 8259, 8.1). */
function problemOf({
  'content-encoding': encoding,
  'content-type': type = '',
}: IncomingHttpHeaders): string | undefined {
  if (encoding !== undefined && encoding !== 'identity') return 'the body is compressed: send it as it is';
  const [, charset] = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(type) ?? [];
  return charset === undefined || /^utf-?8$/i.test(charset) ? undefined : 'the body is not UTF-8: send it so';
}
