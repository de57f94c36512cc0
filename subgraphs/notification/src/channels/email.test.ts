import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, it } from '@jest/globals';
import { startMailReceiver } from '../testing/receivers.ts';
import { alice, deliveryOf } from '../testing/recipients.ts';
import { Deferred, MaybeSent, Undeliverable } from './channel.ts';
import { emailChannel } from './email.ts';

const signal = () => AbortSignal.timeout(60_000);
const recipient = alice({ email: 'alice@example.com' });
const channelTo = (url: string, timeoutMs = 60_000) =>
  emailChannel({ url, from: 'Todo <todo@example.com>', limits: { timeoutMs, concurrency: 5 } });
const sendTo = (url: string) => channelTo(url).send(deliveryOf('EMAIL'), recipient, signal());
const unreached = (said: RegExp) => ({
  name: 'Error',
  message: 'the mail server could not be reached',
  cause: { message: expect.stringMatching(said) },
});

it('sends email as text and as escaped HTML, with one Message-ID however often it is sent', async () => {
  const mail = await startMailReceiver();
  const channel = channelTo(mail.url);
  const delivery = deliveryOf('EMAIL');
  await channel.send(delivery, recipient, signal());
  await channel.send(delivery, recipient, signal());
  await mail.stop();
  expect(mail.received).toHaveLength(2);
  for (const text of mail.received) {
    expect(text).toContain(`Message-ID: <${delivery.id}@example.com>`);
    expect(text).toContain('To: alice@example.com');
    expect(text).toContain('multipart/alternative');
  }
  const decoded = (mail.received[0] ?? '').replaceAll('=\r\n', '').replaceAll('=3D', '=');
  expect(decoded).toContain('&lt;b&gt;bread&lt;/b&gt;');
  expect(decoded).toMatch(/text\/plain[^]*Milk & <b>bread<\/b>/);
});

it('tells what the server says of an address from what it says of itself', async () => {
  let code = 550;
  const mail = await startMailReceiver({
    onRcptTo: (_address, _session, done) => done(Object.assign(new Error('no such user'), { responseCode: code })),
  });
  const send = () => channelTo(mail.url).send(deliveryOf('EMAIL'), recipient, signal());
  await expect(send()).rejects.toMatchObject({
    name: 'Undeliverable',
    message: expect.stringContaining('no such user'),
  });
  for (code of [450, 452]) await expect(send()).rejects.toBeInstanceOf(Deferred);
  code = 421;
  await expect(send()).rejects.toMatchObject({ name: 'Error', message: 'the mail server could not be reached' });
  const nobody = alice({ email: '>' });
  await expect(channelTo(mail.url).send(deliveryOf('EMAIL'), nobody, signal())).rejects.toBeInstanceOf(Undeliverable);
  await mail.stop();
});

it('tells users nothing of the mail server, and the operator why', async () => {
  const mail = await startMailReceiver({
    onMailFrom: (_address, _session, done) => done(Object.assign(new Error('not you'), { responseCode: 550 })),
  });
  await expect(sendTo(mail.url)).rejects.toMatchObject(unreached(/not you/));
  await mail.stop();
  await expect(sendTo(mail.url)).rejects.toMatchObject(unreached(/ECONNREFUSED/));
});

it('closes the connection when the time is over, and says whether the message may have been taken', async () => {
  let isTaken = false;
  const over = new AbortController();
  const closed = Promise.withResolvers<void>();
  const mail = await startMailReceiver({
    onData(stream) {
      // It has all of the message, and says nothing.
      stream.resume().on('end', () => {
        isTaken = true;
        over.abort();
      });
    },
    onClose: () => closed.resolve(),
  });
  const slow = channelTo(mail.url).send(deliveryOf('EMAIL'), recipient, over.signal);
  await expect(slow).rejects.toBeInstanceOf(MaybeSent);
  await closed.promise;
  expect(isTaken).toBe(true);
  await mail.stop();
});

it('was not sent where the server never asked for the message', async () => {
  const mail = await startMailReceiver({ onRcptTo: () => undefined });
  const slow = channelTo(mail.url).send(deliveryOf('EMAIL'), recipient, AbortSignal.timeout(300));
  await expect(slow).rejects.toMatchObject({ name: 'Error', cause: { name: 'AbortError' } });
  await mail.stop();
  // A server that greets nobody has a quarter of the time.
  const silent = createServer((socket) => socket.on('error', () => undefined).resume()).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const url = `smtp://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  await expect(channelTo(url, 8_000).send(deliveryOf('EMAIL'), recipient, signal())).rejects.toMatchObject({
    cause: { message: expect.stringMatching(/greeting/i) },
  });
  silent.close();
});
