// Asks the gateway at GATEWAY_URL whether it is ready and, where it needs a token (AUTH), what it says to who has none.
const url = process.env.GATEWAY_URL;
const ready = await fetch(`${url}/readyz`);
if (ready.status !== 200) throw new Error(`/readyz answers ${ready.status}`);

const response = await fetch(`${url}/graphql`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ query: '{ __typename }' }),
});
const { data, errors } = await response.json();
const code = errors?.[0]?.extensions?.code;
if (process.env.AUTH === 'required' && (code !== 'UNAUTHENTICATED' || data))
  throw new Error(`without a token it answers ${response.status} ${code}`);
console.log('the gateway is ready, and answers as it should');
