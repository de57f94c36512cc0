// Tries to connect to what nobody outside may reach (CLOSED, host:port each), and to one that anybody may (OPEN): where that
// works and nothing else does, the network policies are in force.
import { connect } from 'node:net';

const isReached = (address) =>
  new Promise((resolve, reject) => {
    const [host, port] = address.split(':');
    const socket = connect({ host, port, timeout: 3000 });
    const end = (is) => {
      socket.destroy();
      resolve(is);
    };
    socket.once('connect', () => end(true));
    socket.once('timeout', () => end(false));
    // Without an address nothing was tried.
    socket.once('error', (error) => (error.syscall === 'getaddrinfo' ? reject(error) : end(false)));
  });

if (!(await isReached(process.env.OPEN))) throw new Error(`${process.env.OPEN} is to be reached, and is not`);
const closed = process.env.CLOSED.split(',');
const reached = await Promise.all(closed.map(isReached));
const open = closed.filter((_, index) => reached[index]);
if (open.length > 0) throw new Error(`network policies are not in force: ${open.join(', ')} can be reached`);
console.log(`network policies are in force: none of ${closed.length} ports can be reached`);
