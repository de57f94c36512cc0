/** The sidecar's origin as routing URLs name it; each replica has its own in its place. */
const SIDECAR_ORIGIN = 'http://localhost:3500';

/** Where a subgraph is reached. `viaSidecar`: the sidecar's API token goes there, and nowhere else. */
export type Address = { origin: string; path: string; hostname: string; port: number | undefined; viaSidecar: boolean };

/** Where a subgraph's routing URL leads to; undefined where it is no http(s) URL (a subgraph without a server). */
export function addressOf(routingUrl: string, sidecar: string | undefined): Address | undefined {
  if (!/^https?:\/\//i.test(routingUrl) || !URL.canParse(routingUrl)) return undefined;
  const url = new URL(routingUrl);
  if (sidecar === undefined || url.origin !== SIDECAR_ORIGIN) return { ...partsOf(url), viaSidecar: false };
  return { ...partsOf(new URL(sidecar.replace(/\/+$/, '') + url.pathname + url.search)), viaSidecar: true };
}

function partsOf({ origin, pathname, search, hostname, port }: URL): Omit<Address, 'viaSidecar'> {
  return { origin, path: pathname + search, hostname, port: Number(port) || undefined };
}
