import { createTransport } from 'nodemailer';
import { type Channel, Deferred, type Limits, MaybeSent, Undeliverable } from './channel.ts';
import { messageOf } from './texts.ts';

/**
 * Email over SMTP, each message over a connection of its own, which the signal closes. A message that is sent again has the same Message-ID (RFC 5322), so that mail programs show it once.
 * @param options.url smtp:// or smtps://, with user and password where the server wants them
 * @param options.from the sender's address
 */
export function emailChannel(options: { url: string; from: string; limits: Limits }): Channel {
  const { timeoutMs } = options.limits;
  const domain = /@([^@>\s]+)>?\s*$/.exec(options.from)?.[1] ?? 'localhost';
  const stepMs = Math.ceil(timeoutMs / 4);
  return {
    name: 'EMAIL',
    ...options.limits,
    circuitOf: () => 'EMAIL',
    async send({ id, content }, { email }, signal) {
      if (email === null) throw new Undeliverable('there is no address');
      const transport = createTransport({
        url: options.url,
        dnsTimeout: stepMs,
        connectionTimeout: stepMs,
        greetingTimeout: stepMs,
        // The last answer may take all the time that is left.
        socketTimeout: timeoutMs,
        socketCloseTimeout: 1_000,
        disableFileAccess: true,
        disableUrlAccess: true,
      });
      let isBegun = false;
      transport.use('stream', ({ message }, done) => {
        message.processFunc((text) => text.once('resume', () => (isBegun = true)));
        done();
      });
      try {
        await transport.sendMail({
          from: options.from,
          to: { name: '', address: email },
          messageId: `<${id}@${domain}>`,
          headers: { 'Auto-Submitted': 'auto-generated' },
          ...messageOf(content),
          signal,
        });
      } catch (error) {
        throw failureOf(error as SmtpError, isBegun);
      } finally {
        transport.close();
      }
    },
  };
}

type SmtpError = Error & { code?: string; command?: string; responseCode?: number; response?: string };

/** The end of the connection (RFC 5321, 3.8): it is no word about the message. */
const CLOSING = 421;

/** What the server says of this address or message (RFC 5321, 4.2.1) is its user's to know; all else is the operator's. */
function failureOf(error: SmtpError, isBegun: boolean): Error {
  const { code, command, responseCode, response } = error;
  const cause = { cause: error };
  if (responseCode !== undefined && responseCode !== CLOSING && (command === 'RCPT TO' || command === 'DATA')) {
    const said = response ?? `status ${responseCode}`;
    return responseCode >= 500 ? new Undeliverable(said, cause) : new Deferred(said, cause);
  }
  if (code === 'EENVELOPE' && command === 'API') return new Undeliverable('no mail can be sent to this address', cause);
  return isBegun && responseCode === undefined
    ? new MaybeSent('the mail server did not say in time whether it took the message', cause)
    : new Error('the mail server could not be reached', cause);
}
