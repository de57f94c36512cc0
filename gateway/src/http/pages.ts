import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { globSync } from 'node:fs';
import { resolve } from 'node:path';
import type { GatewayConfig } from '../config.ts';
import { refusal } from '../refusal.ts';
import { hostOf } from './host.ts';

const YEAR_SECONDS = 365 * 24 * 3600;
/** Bundlers put what carries its hash in its name there: it never changes. */
const HASHED = /^[^/]+\/assets\//;
/** What has no extension is a place within a page; anything else would be a file. */
const PLACE = /^[^.]*$/;

/** The browser pages of a folder: its folders that have an index.html. None where there is no such folder. */
export function pagesIn(directory: string | undefined): string[] {
  if (directory === undefined) return [];
  return globSync('*/index.html', { cwd: directory })
    .map((file) => file.slice(0, file.indexOf('/')))
    .toSorted();
}

/**
 * Serves each folder of PAGES_DIR as a single-page application at its name: `/assets/` in it for ever, all else fresh, and
 * `index.html` for places within it. Only what is there at the start is served. Pages may run their own scripts only, and
 * speak to the gateway and to the issuer of its tokens only.
 */
export function addPages(app: FastifyInstance, config: GatewayConfig): void {
  const { PAGES_DIR: directory } = config;
  const pages = pagesIn(directory);
  if (directory === undefined || pages.length === 0) return;
  const files = new Set(globSync('*/**/*.*', { cwd: directory }));
  // Compressed once, when the pages are built.
  void app.register(fastifyStatic, { root: resolve(directory), serve: false, preCompressed: true });

  for (const page of pages) {
    const styles = config.PAGES_WITH_INLINE_STYLES.includes(page) ? "'self' 'unsafe-inline'" : "'self'";
    app.get(`/${page}`, (_request, reply) => reply.redirect(`/${page}/`, 308));
    app.get<{ Params: { '*': string } }>(`/${page}/*`, (request, reply) => {
      void reply.headers({
        'content-security-policy': policyOf(hostOf(request), config.AUTH_ISSUER, styles),
        'cross-origin-opener-policy': 'same-origin',
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
      });
      const path = request.params['*'];
      const file = `${page}/${path}`;
      if (files.has(file)) return send(reply, file);
      if (PLACE.test(path)) return send(reply, `${page}/index.html`);
      throw refusal('NOT_FOUND', 'there is no such file', 404);
    });
  }
}

function send(reply: FastifyReply, file: string): FastifyReply {
  const isHashed = HASHED.test(file);
  return reply.sendFile(file, { maxAge: isHashed ? YEAR_SECONDS * 1000 : 0, immutable: isHashed });
}

function policyOf(host: string, issuer: string | undefined, styles: string): string {
  const issuerOrigin = issuer !== undefined && URL.canParse(issuer) ? ` ${new URL(issuer).origin}` : '';
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src ${styles}`,
    "img-src 'self' data:",
    "font-src 'self' data:",
    "worker-src 'self'",
    "manifest-src 'self'",
    // Not every browser takes 'self' for WebSockets as well.
    `connect-src 'self' ws://${host} wss://${host}${issuerOrigin}`,
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}
