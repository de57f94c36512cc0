import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { startBrowser } from '@todo/service/testing/browser';
import { eventually, startTestGateway, type TestGateway } from './testing/gateway.ts';

const EMBED = 'https://embeddable-sandbox.cdn.apollographql.com/**';
const FRAME = 'https://sandbox.embed.apollographql.com';

let browser: Browser;
let stage: TestGateway;
beforeAll(async () => {
  browser = await startBrowser();
  stage = await startTestGateway({ NODE_ENV: 'development' });
});
afterAll(async () => {
  await stage?.stop();
  await browser?.close();
});

let context: BrowserContext;
let page: Page;
let violations: string[];
beforeEach(async () => {
  context = await browser.newContext();
  page = await context.newPage();
  violations = [];
  await page.exposeFunction('noteViolation', (violation: string) => violations.push(violation));
  await page.addInitScript(`addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) =>
    noteViolation(effectiveDirective + ' ' + blockedURI))`);
});
afterEach(() => context.close());

/** What the page's policy has refused. They are told in order: one that is provoked comes after all others. */
const refused = async (): Promise<string[]> => {
  await page.evaluate("fetch('https://last.test/').catch(() => undefined)");
  await eventually(() => violations.includes('connect-src https://last.test/'));
  return violations.slice(0, -1);
};

test('without the internet the page says so, and what else it has works', async () => {
  await page.route(/^https:/, (route) => route.abort('internetdisconnected'));
  await page.goto(stage.gateway.url);
  const notice = page.getByRole('status');
  await notice.getByText('Apollo Sandbox could not be loaded').waitFor();
  expect(await page.locator('#sandbox').isVisible()).toBe(false);
  expect(await page.getByText(`curl ${stage.gateway.url}/graphql`).first().isVisible()).toBe(true);
  expect(await page.locator('iframe').count()).toBe(0);
  // The style sheet is in force.
  expect(await page.evaluate("getComputedStyle(document.querySelector('pre')).overflowX")).toBe('auto');
  expect(await refused()).toEqual([]);
  for (const [name, path] of [
    ['health', '/healthz'],
    ['readiness', '/readyz'],
  ] as const) {
    const [response] = await Promise.all([page.waitForResponse(`**${path}`), page.getByRole('link', { name }).click()]);
    expect(response.status()).toBe(200);
    await page.goBack();
  }
});

test('a script or a style that is not the page’s own is not run', async () => {
  await page.route(/^https:/, (route) => route.abort());
  await page.goto(stage.gateway.url);
  const ran = await page.evaluate(`{
    const script = document.createElement('script');
    script.textContent = 'globalThis.ran = true';
    document.head.append(script);
    document.body.setAttribute('style', 'color: red');
    'ran' in globalThis;
  }`);
  expect(ran).toBe(false);
  expect(await refused()).toEqual(['script-src-elem inline', 'style-src-attr inline']);
});

/**
 * Stands in for the script that Apollo serves, and does what that does (@apollo/sandbox): a frame of Apollo's, for which the
 * page sends what the frame asks for.
 */
const embedStandIn = `
globalThis.EmbeddedSandbox = class {
  constructor({ target, ...options }) {
    const frame = document.createElement('iframe');
    frame.src = '${FRAME}/sandbox/explorer?' + new URLSearchParams({ options: JSON.stringify(options) });
    addEventListener('message', async ({ origin, data }) => {
      if (origin !== '${FRAME}' || data.name === 'ExplorerListeningForHandshake') return;
      const answer = async () => {
        if (data.name === 'ExplorerRequest') return (await fetch(data.url, data.init)).json();
        const socket = new WebSocket(data.url, 'graphql-transport-ws');
        return new Promise((resolve, reject) => {
          socket.onerror = () => reject(new Error('the socket broke'));
          socket.onopen = () => socket.send(JSON.stringify({ type: 'connection_init', payload: data.headers }));
          socket.onmessage = (message) => resolve(JSON.parse(message.data));
        });
      };
      frame.contentWindow.postMessage(await answer().catch((error) => ({ failed: String(error) })), origin);
    });
    target.append(frame);
  }
};`;
const frameStandIn = `<script>
globalThis.ask = (question) => new Promise((resolve) => {
  addEventListener('message', ({ data }) => resolve(data), { once: true });
  parent.postMessage(question, '*');
});
parent.postMessage({ name: 'ExplorerListeningForHandshake' }, '*');
</script>`;

test('the embed gets its options, and the page sends its queries and opens its sockets', async () => {
  await page.route(EMBED, (route) => route.fulfill({ contentType: 'text/javascript', body: embedStandIn }));
  await page.route(`${FRAME}/**`, (route) => route.fulfill({ contentType: 'text/html', body: frameStandIn }));
  await page.goto(stage.gateway.url);
  await page.getByRole('status').waitFor({ state: 'hidden' });
  expect(await page.locator('iframe').isVisible()).toBe(true);
  const frame = page.frames().find((candidate) => candidate.url().startsWith(FRAME));
  const options = JSON.parse(new URL(frame?.url() ?? '').searchParams.get('options') ?? '');
  expect(options).toMatchObject({
    initialEndpoint: `${stage.gateway.url}/graphql`,
    initialSubscriptionEndpoint: `${stage.gateway.url.replace('http', 'ws')}/graphql`,
    initialState: { headers: { authorization: 'Bearer TOKEN' }, pollForSchemaUpdates: false },
    allowDynamicStyles: false,
  });
  const headers = { authorization: `Bearer ${await stage.issuer.token()}` };
  const ask = (question: object): Promise<unknown> | undefined => frame?.evaluate(`ask(${JSON.stringify(question)})`);
  const init = {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: '{"query":"{ __schema { queryType { name } } }"}',
  };
  expect(await ask({ name: 'ExplorerRequest', url: options.initialEndpoint, init })).toEqual({
    data: { __schema: { queryType: { name: 'Query' } } },
  });
  expect(await ask({ name: 'ExplorerSubscriptionRequest', url: options.initialSubscriptionEndpoint, headers })).toEqual(
    {
      type: 'connection_ack',
    },
  );
  // Anything else is none of the page's business.
  expect(await ask({ name: 'ExplorerRequest', url: 'https://elsewhere.test/', init: {} })).toHaveProperty('failed');
  expect(await refused()).toEqual(['connect-src https://elsewhere.test/']);
});
