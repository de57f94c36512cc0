import { beforeAll, expect, test } from '@jest/globals';
import { parseConfig } from '@todo/service/config';
import { identityConfig } from '@todo/dev/identity/config';
import { containersOf, issuer, podOf, rendered, values } from './rendered.ts';

let chart: Awaited<ReturnType<typeof rendered>>;
beforeAll(async () => {
  chart = await rendered(values('dev'));
});
const container = () => containersOf(chart.one('Deployment', 'identity')).find(({ name }) => name === 'identity');

test('it is there for development, and in production there is none but an external issuer', async () => {
  const { all } = await rendered(values('prod'), ...issuer);
  expect(JSON.stringify(all)).not.toContain('"identity"');
  await expect(rendered(values('prod'))).rejects.toThrow(/AUTH_ISSUER/);
});

test('it takes the settings that it is given, and the gateway believes it', () => {
  const settings = chart.one('ConfigMap', 'identity').data ?? {};
  const secrets = { DATABASE_URL: 'postgresql://db/identity', IDENTITY_SECRET: 'x'.repeat(32) };
  const config = parseConfig(identityConfig, { ...settings, ...secrets });
  expect(config.HOST).toBe('0.0.0.0');
  expect(config.TRUSTED_ORIGINS).toEqual(['http://localhost:4000', 'http://localhost:4005']);
  // Nobody becomes an administrator by being the first to sign up with an address.
  expect(config.IDENTITY_ADMINS.has('admin@example.com')).toBe(false);
  expect(
    container()
      .env.map(({ name }: { name: string }) => name)
      .sort(),
  ).toEqual(Object.keys(secrets).sort());
  expect(chart.one('ConfigMap', 'api-gateway').data).toMatchObject({
    AUTH_ISSUER: config.AUTH_ISSUER,
    AUTH_AUDIENCE: config.AUTH_AUDIENCE,
    AUTH_JWKS_URL: `http://${chart.one('Service', 'identity').metadata.name}/api/auth/jwks`,
  });
});

test('it is reached by the gateway alone, on the port of its pod, and reaches its database alone', () => {
  const { ports } = container();
  const { spec } = chart.one('NetworkPolicy', 'identity');
  expect(spec.ingress).toEqual([
    {
      ports: [{ port: ports[0].containerPort }],
      from: [
        {
          podSelector: {
            matchLabels: { 'app.kubernetes.io/name': 'api-gateway', 'app.kubernetes.io/instance': 'todo' },
          },
        },
      ],
    },
  ]);
  expect(spec.egress.flatMap((rule: any) => rule.ports.map(({ port }: any) => port))).toEqual([53, 53, 5432]);
  expect(chart.one('NetworkPolicy', 'api-gateway').spec.egress).toContainEqual({
    ports: [{ port: ports[0].containerPort }],
    to: [{ podSelector: { matchLabels: { 'app.kubernetes.io/name': 'identity' } } }],
  });
});

test('it is restricted, and waits for its database', () => {
  const pod = podOf(chart.one('Deployment', 'identity'));
  expect(pod).toMatchObject({ automountServiceAccountToken: false, securityContext: { runAsNonRoot: true } });
  for (const { securityContext } of [...pod.initContainers, ...pod.containers])
    expect(securityContext).toMatchObject({ readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } });
  expect(pod.initContainers[0].args).toContain('DATABASE_URL');
});
