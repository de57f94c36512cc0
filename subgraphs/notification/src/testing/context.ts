import { createLogger } from '@todo/service/logger';
import { type AppContext, type RequestContext, requestContext } from '../context.ts';
import { parseRules } from '../channels/addresses.ts';
import type { TestDatabase } from './database.ts';

/** The service over a database, with nothing that sends. */
export const testApp = ({ orm, state }: TestDatabase, fields: Partial<AppContext> = {}): AppContext =>
  ({
    appId: 'notification-service',
    orm,
    state,
    relay: { nudge() {} },
    workers: { nudge() {} },
    channels: new Set(['EMAIL', 'WEBHOOK', 'WEB_PUSH']),
    addresses: parseRules('127.0.0.0/8'),
    webPushKey: undefined,
    logger: createLogger('test', 'silent'),
    ...fields,
  }) as AppContext;

/** A request of a user. */
export const requestOf = (app: AppContext, sub: string, scopes: string[] = []): RequestContext =>
  requestContext(app, {
    identity: { sub, scopes, claims: { email: `${sub}@example.com` } },
    idempotencyKey: undefined,
    traceparent: undefined,
  });
