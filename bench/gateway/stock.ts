// What the gateway is compared with: stock @apollo/gateway in @apollo/server, as its documentation has it.
import { readFileSync } from 'node:fs';
import apollo from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';

process.env['APOLLO_TELEMETRY_DISABLED'] = 'true';
const [file = '', port = ''] = process.argv.slice(2);
const gateway = new apollo.ApolloGateway({ supergraphSdl: readFileSync(file, 'utf8') });
await startStandaloneServer(new ApolloServer({ gateway }), { listen: { host: '127.0.0.1', port: Number(port) } });
