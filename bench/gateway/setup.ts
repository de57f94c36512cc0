import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import composition from '@apollo/composition';
import { parse } from 'graphql';
import { startIssuer } from './issuer.ts';
import { end, outputOf, startOn } from './processes.ts';
import type { Row } from './table.ts';

type Definition = { name: string; typeDefs: string; url?: string };

/** What gateways are measured with: a graph whose subgraphs are served on CPU 1, and an issuer of tokens. */
export type Bench = {
  /** A file with the graph's supergraph. */
  supergraph: string;
  issuer: Awaited<ReturnType<typeof startIssuer>>;
  /** Writes a file of requests' bodies, one a line, for `load`; returns its path. */
  bodies: (name: string, bodies: object[]) => string;
  /** How many requests the subgraphs have answered. */
  fetched: () => Promise<number>;
  stop: () => Promise<void>;
};

/** Starts what gateways need, with the subgraphs on a port of loopback. */
export async function startBench(port: number, subgraphs: Definition[]): Promise<Bench> {
  const directory = mkdtempSync(join(tmpdir(), 'bench-gateway-'));
  const { supergraphSdl, errors } = composition.composeServices(
    subgraphs.map(({ name, typeDefs, url }) => ({
      name,
      url: url ?? `http://127.0.0.1:${port}/${name}`,
      typeDefs: parse(typeDefs),
    })),
  );
  if (!supergraphSdl) throw new Error(`the subgraphs do not compose: ${String(errors)}`);
  const supergraph = join(directory, 'supergraph.graphql');
  writeFileSync(supergraph, supergraphSdl);
  const issuer = await startIssuer();
  const served = startOn(1, [process.execPath, 'bench/gateway/subgraphs.ts'], { PORT: String(port) });
  const fetched = async (): Promise<number> => Number(await (await fetch(`http://127.0.0.1:${port}/requests`)).text());
  await until(fetched);
  return {
    supergraph,
    issuer,
    bodies: (name, bodies) => {
      const file = join(directory, name);
      writeFileSync(file, bodies.map((body) => JSON.stringify(body)).join('\n'));
      return file;
    },
    fetched,
    stop: async () => {
      await end(served);
      issuer.stop();
      rmSync(directory, { recursive: true });
    },
  };
}

/** Tries again until it works. @throws what it throws after a minute */
export async function until(works: () => Promise<unknown>): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      await works();
      return;
    } catch (error) {
      if (tries === 600) throw error;
      await setTimeout(100);
    }
  }
}

type Target = { url: string; token: string };

/** The answer to the first of a file's requests. @throws where it is not 200 */
export async function answerTo(file: string, { url, token }: Target): Promise<unknown> {
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
  const body = readFileSync(file, 'utf8').split('\n')[0] ?? '';
  const response = await fetch(url, { method: 'POST', headers, body });
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
  return response.json();
}

type Loaded = Pick<Row, 'rps' | 'requests' | 'p50' | 'p99'>;

/** Sends a file's requests, in turn, over so many connections for so many seconds, from CPU 1. @throws where one fails */
export async function load(
  file: string,
  { url, token }: Target,
  { connections, seconds }: { connections: number; seconds: number },
): Promise<Loaded> {
  const argv = ['bench/gateway/load.ts', url, file, token, String(connections), String(seconds)];
  const { failed, ...loaded } = JSON.parse(await outputOf(startOn(1, [process.execPath, ...argv])));
  if (failed > 0) throw new Error(`${failed} requests failed`);
  return loaded as Loaded;
}
