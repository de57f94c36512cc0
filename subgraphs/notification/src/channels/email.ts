import { createTransport } from 'nodemailer';
import { type Channel, type Limits, Undeliverable } from './channel.ts';
import { messageOf } from './texts.ts';

/**
 * Email over SMTP. A message that is sent again has the same Message-ID (RFC 5322), so that mail programs show it once.
 * @param options.url smtp:// or smtps://, with user and password where the server wants them
 * @param options.from the sender's address
 */
export function emailChannel(options: { url: string; from: string; limits: Limits }): Channel {
  const { timeoutMs, concurrency } = options.limits;
  const transport = createTransport({
    url: options.url,
    pool: true,
    maxConnections: concurrency,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const domain = /@([^@>\s]+)>?\s*$/.exec(options.from)?.[1] ?? 'localhost';
  return {
    name: 'EMAIL',
    ...options.limits,
    circuitOf: () => 'EMAIL',
    async send({ id, content }, { email }) {
      if (email === null) throw new Undeliverable('there is no address');
      try {
        await transport.sendMail({
          from: options.from,
          to: { name: '', address: email },
          messageId: `<${id}@${domain}>`,
          headers: { 'Auto-Submitted': 'auto-generated' },
          ...messageOf(content),
        });
      } catch (error) {
        throw refusal(error) ?? error;
      }
    },
    stop: () => transport.close(),
  };
}

/** The server's last word about this address or message (RFC 5321, 4.2.1): what it says of itself passes. */
function refusal(error: unknown): Undeliverable | undefined {
  const { code, responseCode, response } = error as { code?: string; responseCode?: number; response?: string };
  const isFinal = (code === 'EENVELOPE' || code === 'EMESSAGE') && responseCode !== undefined && responseCode >= 500;
  return isFinal ? new Undeliverable(response ?? `status ${responseCode}`, { cause: error }) : undefined;
}
