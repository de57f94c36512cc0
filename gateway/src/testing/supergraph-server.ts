import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Stop } from '@todo/service/shutdown';

/** A server of supergraphs for tests, with ETags. */
export type SupergraphServer = {
  url: string;
  /** What it answers with from now on. */
  serve: (answer: { status?: number; sdl?: string }) => void;
  /** What it was asked: its answer's status, and two headers. */
  asked: { status: number; authorization: string | undefined; ifNoneMatch: string | undefined }[];
  stop: Stop;
};

export async function startSupergraphServer(sdl: string, port = 0): Promise<SupergraphServer> {
  let answer: { status?: number; sdl?: string } = { sdl };
  let version = 1;
  const asked: SupergraphServer['asked'] = [];
  const server = createServer(({ headers: { authorization, 'if-none-match': ifNoneMatch } }, response) => {
    const etag = `"${version}"`;
    const status = answer.status ?? (ifNoneMatch === etag ? 304 : 200);
    asked.push({ status, authorization, ifNoneMatch });
    response.writeHead(status, { etag }).end(status === 200 ? answer.sdl : '');
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/supergraph`,
    serve: (next) => {
      answer = next;
      version += 1;
    },
    asked,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
