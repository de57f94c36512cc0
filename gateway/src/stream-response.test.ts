import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startTestGateway, type TestGateway } from './testing/gateway.ts';
import { openEvents } from './testing/transports.ts';

let stage: TestGateway;
beforeAll(async () => {
  stage = await startTestGateway();
});
afterAll(() => stage.stop());

test.each([['text/event-stream'], ['multipart/mixed; subscriptionSpec=1.0, application/json']])(
  'a token that expires is the last that comes as %s',
  async (accept) => {
    const response = await fetch(`${stage.gateway.url}/graphql`, {
      method: 'POST',
      headers: {
        accept,
        'content-type': 'application/json',
        authorization: `Bearer ${await stage.issuer.token({ exp: Math.floor(Date.now() / 1000) + 4 })}`,
      },
      body: JSON.stringify({ query: 'subscription { announced { id text } }' }),
    });
    const text = await response.text();
    expect(text).toMatch(/"message":"the access token has expired: .*"code":"UNAUTHENTICATED"/);
    expect(text).toMatch(/(event: complete\ndata:\n\n|--graphql--\r\n)$/);
  },
);

test('a stream says where it stands: at its start, with each result, and in heartbeats', async () => {
  const stream = await openEvents(stage, 'subscription { announced { id text } }');
  const start = /^id: (\S+)\n\n$/.exec(await stream.read())?.[1];
  await stage.sidecar.deliver('announced', { id: 'e1', type: 'a', data: { text: 'x' } });
  const result = /^id: (\S+)\nevent: next\ndata: (.*)\n\n$/.exec(await stream.read());
  expect(JSON.parse(result?.[2] as string)).toEqual({
    data: { announced: { id: 'e1', text: 'x' } },
    extensions: { cursor: result?.[1] },
  });
  expect(result?.[1]).not.toBe(start);
  stream.leave();
});
