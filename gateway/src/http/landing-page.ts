import { createHash } from 'node:crypto';

/** What the page shows; all of it plain text. */
export type Landing = {
  endpoint: string;
  links: { href: string; text: string }[];
  commands: { text: string; command: string }[];
  /** Options of the embedded Sandbox that do not follow from the page's address. */
  sandbox: Record<string, unknown>;
};

const HOSTED = 'https://studio.apollographql.com/sandbox/explorer';
const EMBED = 'https://embeddable-sandbox.cdn.apollographql.com/v2/embeddable-sandbox.umd.production.min.js';
const FRAME = 'https://sandbox.embed.apollographql.com';
/** How long the embed may take until the page says that it is not there. */
const PATIENCE_MS = 10_000;

/** The frame speaks once it is there; that alone tells that it is. */
const SCRIPT = `
const sandbox = document.getElementById('sandbox');
const notice = document.getElementById('notice');
const away = () => {
  notice.textContent = notice.dataset.away;
  sandbox.hidden = true;
  document.querySelector('details').open = true;
};
const waiting = setTimeout(away, ${PATIENCE_MS});
addEventListener('message', ({ origin }) => {
  if (origin !== '${FRAME}') return;
  clearTimeout(waiting);
  notice.hidden = true;
  sandbox.hidden = false;
});
const embed = document.createElement('script');
embed.onload = () => {
  const endpoint = new URL('/graphql', location.href).href;
  new EmbeddedSandbox({
    ...JSON.parse(sandbox.dataset.options),
    target: sandbox,
    initialEndpoint: endpoint,
    initialSubscriptionEndpoint: endpoint.replace(/^http/, 'ws'),
    endpointIsEditable: false,
    runTelemetry: false,
    allowDynamicStyles: false,
  });
};
embed.onerror = away;
embed.src = '${EMBED}';
document.head.append(embed);
`;

const STYLE = `
body { margin: 0; font: 15px/1.5 system-ui, sans-serif; display: flex; flex-direction: column; min-height: 100vh; }
header { padding: 1rem 1.5rem; }
h1 { font-size: 1.2rem; margin: 0; }
p { margin: 0.4rem 0; }
a { margin-right: 1rem; }
code { white-space: nowrap; }
pre { background: #f2f2f2; padding: 0.5rem; margin: 0.2rem 0 0.6rem; overflow-x: auto; }
#notice { padding: 0 1.5rem; }
#sandbox { flex: 1; display: flex; }
#sandbox[hidden] { display: none; }
iframe { flex: 1; min-height: 40rem; border: 0; }
`;

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** The content security policy of the page: what the embed needs, and nothing else. It sends operations as the page. */
export function policyOf(host: string): string {
  return [
    "default-src 'none'",
    `script-src ${hashOf(SCRIPT)} ${EMBED}`,
    `style-src ${hashOf(STYLE)}`,
    `frame-src ${FRAME}`,
    // Not every browser takes 'self' for WebSockets as well.
    `connect-src 'self' ws://${host} wss://${host}`,
    // An empty icon keeps the embed from fetching one.
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** The page as HTML. Of use without the internet as well, where the embed cannot be loaded. */
export function landingPage({ endpoint, links, commands, sandbox }: Landing): string {
  const hosted = {
    href: `${HOSTED}?endpoint=${encodeURIComponent(endpoint)}`,
    text: 'Apollo Sandbox in its own window',
  };
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>GraphQL gateway</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>GraphQL gateway</h1>
<p>At <code>${escape(endpoint)}</code>: HTTP, WebSocket (<code>graphql-transport-ws</code>), server-sent events and
multipart. <code>npm run gateway -- --help</code> lists its settings, <code>docs/gateway.md</code> says what it does.</p>
<nav>${[hosted, ...links].map(({ href, text }) => `<a href="${escape(href)}">${escape(text)}</a>`).join('\n')}</nav>
<details>
<summary>On the command line</summary>
${commands.map(({ text, command }) => `<p>${escape(text)}:</p>\n<pre>${escape(command)}</pre>`).join('\n')}
</details>
</header>
<p id="notice" role="status" data-away="Apollo Sandbox could not be loaded: it comes from the internet
(${new URL(EMBED).host}, ${new URL(FRAME).host}). All that is above works without it.">Apollo Sandbox comes from the internet, with JavaScript …</p>
<main id="sandbox" data-options="${escape(JSON.stringify(sandbox))}"></main>
<script>${SCRIPT}</script>
</body>
</html>
`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
