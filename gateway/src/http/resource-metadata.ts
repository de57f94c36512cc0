import type { FastifyInstance } from 'fastify';
import type { GatewayConfig } from '../config.ts';
import { hostOf } from './host.ts';

/** Tells where tokens for the gateway are had (RFC 9728): a page needs no setting of its own to know. */
export function addResourceMetadata(app: FastifyInstance, config: GatewayConfig): void {
  const { AUTH, AUTH_ISSUER: issuer } = config;
  if (AUTH === 'off' || issuer === undefined) return;
  app.get('/.well-known/oauth-protected-resource', (request) => ({
    resource: `${request.protocol}://${hostOf(request)}`,
    authorization_servers: [issuer],
    bearer_methods_supported: ['header'],
  }));
}
