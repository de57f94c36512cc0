// A process that holds WebSockets which say who they are and then nothing: URL, tokens and addresses as JSON, and how many from
// each address. It prints what came of them, and ends with its standard input.
import WebSocket from 'ws';

const [url = '', tokens = '[]', addresses = '[]', count = '0'] = process.argv.slice(2);
const AT_ONCE = 50;
const told = { open: 0, refused: {} as Record<string, number> };
const sockets: WebSocket[] = [];

function open(token: string, localAddress: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url, 'graphql-transport-ws', { localAddress });
    const refuse = (why: string): void => {
      told.refused[why] = (told.refused[why] ?? 0) + 1;
      resolve();
    };
    socket.on('unexpected-response', (_request, response) => {
      socket.terminate();
      refuse(String(response.statusCode));
    });
    socket.on('error', (error: NodeJS.ErrnoException) => error.code && refuse(error.code));
    socket.once('open', () => {
      socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } }));
    });
    socket.once('message', () => {
      told.open += 1;
      sockets.push(socket);
      resolve();
    });
  });
}

const users = JSON.parse(tokens) as string[];
const wanted = (JSON.parse(addresses) as string[]).flatMap((address) =>
  Array.from({ length: Number(count) }, () => address),
);
const worker = async (): Promise<void> => {
  for (let address = wanted.pop(); address !== undefined; address = wanted.pop())
    await open(users[wanted.length % users.length] as string, address);
};
await Promise.all(Array.from({ length: AT_ONCE }, worker));
console.log(JSON.stringify(told));
process.stdin.resume().once('end', () => process.exit(0));
