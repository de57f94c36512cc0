// The benchmark's subgraphs, in a process of their own: answers are computed once and then kept by their request.
import { createServer } from 'node:http';
import subgraph from '@apollo/subgraph';
import { graphql, parse } from 'graphql';
import { subgraphs } from './graph.ts';

const answers = new Map<string, Buffer>();
const schemas = new Map(
  subgraphs.map(({ name, typeDefs, resolvers }) => [
    `/${name}`,
    subgraph.buildSubgraphSchema([{ typeDefs: parse(typeDefs), resolvers: resolvers as never }]),
  ]),
);
let requests = 0;

const server = createServer((request, response) => {
  if (request.url === '/requests') return void response.end(String(requests));
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    requests++;
    const body = Buffer.concat(chunks).toString();
    void answer(request.url ?? '', body).then((known) =>
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': known.length }).end(known),
    );
  });
});

async function answer(path: string, body: string): Promise<Buffer> {
  const key = `${path} ${body}`;
  const known = answers.get(key);
  if (known) return known;
  const { query, variables, operationName } = JSON.parse(body);
  const schema = schemas.get(path);
  if (!schema) throw new Error(`there is no subgraph ${path}`);
  const result = await graphql({ schema, source: query, variableValues: variables, operationName });
  const made = Buffer.from(JSON.stringify(result));
  if (answers.size < 10_000) answers.set(key, made);
  return made;
}

server.listen(Number(process.env['PORT']), '127.0.0.1');
