import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { startPart, stopPart } from '@todo/dev/control/client';
import { DATA } from './paths.ts';
import { app } from './ready.ts';

/** Stands in an app's place behind its sidecar, and counts what is delivered to it. */
export type Double = {
  /** Operations that arrived at /graphql since `answer` was last called. */
  delivered: { query: string; headers: IncomingHttpHeaders }[];
  answer(how: (request: IncomingMessage, response: ServerResponse) => void): void;
  /** Gives the place back. */
  stop(): Promise<void>;
};

/** Stops an app and takes its port. */
export async function replaceApp(id: string): Promise<Double> {
  await stopPart(DATA, id);
  let answer: Parameters<Double['answer']>[0] | undefined;
  const delivered: Double['delivered'] = [];
  const server = createServer((request, response) => {
    void request.toArray().then((chunks) => {
      if (request.url !== '/graphql') return response.writeHead(404).end();
      const { query } = JSON.parse(Buffer.concat(chunks).toString()) as { query: string };
      delivered.push({ query, headers: request.headers });
      return answer ? answer(request, response) : response.writeHead(500).end();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(app(id).port, '127.0.0.1', resolve);
  });
  return {
    delivered,
    answer: (how) => {
      delivered.length = 0;
      answer = how;
    },
    stop: async () => {
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
      await startPart(DATA, id);
    },
  };
}
