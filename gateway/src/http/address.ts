import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import proxyAddress from 'proxy-addr';
import type { GatewayConfig } from '../config.ts';

/** Tells the client's IP address, as the nearest proxy that is not trusted knows it. */
export type AddressOf = (request: IncomingMessage) => string;

/** Where the nearest such proxy tells something else, it is the address of the one before. */
export function createAddressOf({ TRUSTED_PROXIES }: GatewayConfig): AddressOf {
  const isTrusted = proxyAddress.compile(TRUSTED_PROXIES);
  // Whoever calls is the nearest hop; nobody else is believed.
  if (TRUSTED_PROXIES.length === 0) return ({ socket }) => addressIn(withoutPort(socket.remoteAddress));
  return (request) => {
    const hops = proxyAddress.all(request, (address, i) => isTrusted(withoutPort(address), i));
    return hops.map(withoutPort).findLast((address) => isIP(address) !== 0) ?? 'unknown';
  };
}

function addressIn(text: string): string {
  return isIP(text) === 0 ? 'unknown' : text;
}

/** Some proxies tell the client's port as well, and it changes with every connection: `192.0.2.1:80`, `[2001:db8::1]:80`. */
function withoutPort(address = ''): string {
  const [, v6, v4] = /^(?:\[([^\]]+)\](?::\d+)?|([\d.]+):\d+)$/.exec(address) ?? [];
  return v6 ?? v4 ?? address;
}
