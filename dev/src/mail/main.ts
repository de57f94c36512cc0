import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SMTPServer } from 'smtp-server';

/** A mail server that delivers nothing: it keeps the newest messages as files, for a person or a test to read. */

const KEPT = 1_000;
const MAX_BYTES = 10 * 1024 * 1024;

const { MAIL_DIR: dir = '', PORT: port = '' } = process.env;
mkdirSync(dir, { recursive: true, mode: 0o700 });

let count = 0;
const server = new SMTPServer({
  authOptional: true,
  disabledCommands: ['STARTTLS'],
  disableReverseLookup: true,
  size: MAX_BYTES,
  onData(stream, _session, done) {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => {
      if (!stream.sizeExceeded) chunks.push(chunk);
    });
    stream.on('end', () => {
      if (stream.sizeExceeded) return done(Object.assign(new Error('too large'), { responseCode: 552 }));
      try {
        keep(Buffer.concat(chunks));
        done();
      } catch (error) {
        done(error as Error);
      }
    });
  },
});
server.on('error', (error) => console.error(`mail: ${error.message}`));
server.listen(Number(port), '127.0.0.1');
process.once('SIGTERM', () => server.close());

/** In the order in which they came. */
function keep(message: Buffer): void {
  const name = `${new Date().toISOString().replaceAll(':', '')}-${String((count += 1)).padStart(6, '0')}.eml`;
  writeFileSync(join(dir, name), message, { mode: 0o600 });
  for (const old of readdirSync(dir).sort().slice(0, -KEPT)) rmSync(join(dir, old), { force: true });
}
