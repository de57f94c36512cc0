import { serviceConfig } from '@todo/service/config';
import { z } from 'zod';
import { parseRules } from './channels/addresses.ts';
import { isPoint } from './recipient/point.ts';

const networks = z.string().transform((text, context) => {
  try {
    return parseRules(text);
  } catch {
    context.addIssue('must be networks such as 127.0.0.0/8, comma-separated');
    return z.NEVER;
  }
});

/** Settings that are given together, or not at all. */
const together = (names: readonly string[]) => (config: Record<string, unknown>, context: z.RefinementCtx) => {
  const missing = names.filter((name) => config[name] === undefined);
  if (missing.length === 0 || missing.length === names.length) return;
  for (const name of missing) context.addIssue({ code: 'custom', path: [name], message: `is needed with the others` });
};

export const notificationConfig = serviceConfig
  .extend({
    NOTIFICATION_DATABASE_URL: z.url().describe('the database that the state store keeps its table in'),
    SMTP_URL: z
      .url({ protocol: /^smtps?$/ })
      .optional()
      .describe(
        'the mail server, as smtp:// or smtps://, with user and password where it wants them; no email without it',
      ),
    MAIL_FROM: z
      .string()
      .regex(/^[^@\r\n]+@[^@\s]+$/, 'must be an address, such as Todo <todo@example.com>')
      .optional()
      .describe('the sender of email; needed with SMTP_URL'),
    VAPID_PUBLIC_KEY: z
      .string()
      .refine(isPoint, 'must be a public key of P-256, base64url')
      .optional()
      .describe('the public key of web push, base64url; no web push without it'),
    VAPID_PRIVATE_KEY: z.string().optional().describe('the private key of web push, base64url'),
    VAPID_SUBJECT: z
      .string()
      .regex(/^(mailto:.+@|https:\/\/).+/, 'must begin with mailto: or https://')
      .optional()
      .describe('how push services reach the operator: mailto: or https:'),
    SMS_BINDING: z
      .string()
      .regex(/^[A-Za-z0-9._-]+$/)
      .optional()
      .describe("the Dapr output binding that sends SMS, such as one of Twilio's; no SMS without it"),
    WEBHOOK_ALLOW_CIDRS: networks
      .default({ allow: [] })
      .describe(
        'private networks that webhooks and push subscriptions may point to, comma-separated; none unless given',
      ),
    DELIVERY_TIMEOUT_MS: z.coerce
      .number()
      .int()
      .min(100)
      .max(60_000)
      .default(8_000)
      .describe('how long sending one message may take; four times as long by email and SMS'),
    DELIVERY_CONCURRENCY: z.coerce
      .number()
      .int()
      .min(1)
      .max(100)
      .default(16)
      .describe(
        'how many messages a replica sends at a time over each channel; up to as many are sent once more where it is killed',
      ),
    DELIVERY_MAX_ATTEMPTS: z.coerce
      .number()
      .int()
      .min(1)
      .max(20)
      .default(8)
      .describe('how often one message is sent at most'),
    DELIVERY_FIRST_RETRY_MS: z.coerce
      .number()
      .int()
      .min(10)
      .max(3_600_000)
      .default(5_000)
      .describe(
        'how long after a failure a message is sent again; four times as long after each further one, up to 6 hours',
      ),
  })
  .superRefine(together(['SMTP_URL', 'MAIL_FROM']))
  .superRefine(together(['VAPID_PUBLIC_KEY', 'VAPID_PRIVATE_KEY', 'VAPID_SUBJECT']));
export type NotificationConfig = z.infer<typeof notificationConfig>;
