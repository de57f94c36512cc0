import { createServer } from 'node:http';
import { getMigrations } from 'better-auth/db/migration';
import { toNodeHandler } from 'better-auth/node';
import { readConfig } from '@todo/service/config';
import { endOnSignal } from '@todo/service/shutdown';
import pg from 'pg';
import { createAuth } from './auth.ts';
import { identityConfig } from './config.ts';
import { answersPreflight } from './cors.ts';

const config = readConfig(identityConfig);
endOnSignal();
const pool = new pg.Pool({ connectionString: config.DATABASE_URL, max: 5 });
// An idle connection that breaks is replaced when the next one is needed.
pool.on('error', (error) => console.error(`PostgreSQL: ${error.message}`));

const auth = createAuth(config, pool);
const { runMigrations } = await getMigrations(auth.options);
await runMigrations();
// Makes the signing key now: two first requests at once would make two.
await auth.api.getJwks();

const handle = toNodeHandler(auth);
const server = createServer((request, response) => {
  // Attempts are counted per address: a client must not be able to choose its own.
  request.headers['x-forwarded-for'] = request.socket.remoteAddress;
  if (request.url === '/healthz') response.end('ok\n');
  else if (!answersPreflight(config.TRUSTED_ORIGINS, request, response)) {
    handle(request, response).catch((error: unknown) => {
      console.error(error);
      response.destroy();
    });
  }
});
server.listen(config.PORT, config.HOST);

process.once('SIGTERM', () => {
  server.close(() => {
    pool.end().catch((error: unknown) => {
      console.error(error);
      process.exitCode = 1;
    });
  });
  server.closeIdleConnections();
});
