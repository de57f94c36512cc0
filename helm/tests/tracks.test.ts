import { describe, expect, test } from '@jest/globals';
import { containersOf, rendered, values } from './rendered.ts';

const chart = (tracks: Record<string, string>) =>
  rendered(values('dev'), ...Object.entries(tracks).map(([key, value]) => `--set=api-gateway.tracks.${key}=${value}`));
const next = { deploy: 'green', live: 'blue', keep: 'blue' };

describe('the tracks of the gateway', () => {
  test('there is one unless more is said, and the Service leads to it', async () => {
    const { ofKind, one } = await chart({});
    expect(ofKind('Deployment').map(({ metadata }) => metadata.name)).not.toContain('api-gateway-green');
    expect(one('Deployment', 'api-gateway').spec.selector.matchLabels).toMatchObject({ track: 'blue' });
    expect(one('Service', 'api-gateway').spec.selector).toMatchObject({ track: 'blue' });
    expect(ofKind('Service').map(({ metadata }) => metadata.name)).not.toContain('api-gateway-preview');
  });

  test('the next one is beside it, with settings of its own, and only the preview leads to it', async () => {
    const { one } = await chart(next);
    expect(one('Service', 'api-gateway').spec.selector).toMatchObject({ track: 'blue' });
    const { spec } = one('Service', 'api-gateway-preview');
    expect([spec.type, spec.selector]).toEqual(['ClusterIP', expect.objectContaining({ track: 'green' })]);
    const deployment = one('Deployment', 'api-gateway-green');
    expect(deployment.spec.selector.matchLabels).toEqual(spec.selector);
    expect(deployment.spec.template.metadata.labels).toMatchObject(spec.selector);
    const container = containersOf(deployment).find(({ name }) => name === 'api-gateway');
    expect(container.envFrom).toEqual([{ configMapRef: { name: 'api-gateway-green' } }]);
    one('ConfigMap', 'api-gateway-green');
  });

  test('both are one app to Dapr, to network policies and to what disruptions are limited by', async () => {
    const { one } = await chart({ ...next, deploy: 'green' });
    const { labels, annotations } = one('Deployment', 'api-gateway-green').spec.template.metadata;
    expect(annotations).toMatchObject({ 'dapr.io/app-id': 'api-gateway', 'dapr.io/config': 'api-gateway' });
    expect(labels).toMatchObject(one('NetworkPolicy', 'api-gateway').spec.podSelector.matchLabels);
    expect(one('NetworkPolicy', 'api-gateway').spec.podSelector.matchLabels).not.toHaveProperty('track');
  });

  test('each has an autoscaler of its own', async () => {
    const { ofKind } = await rendered(
      values('dev'),
      '--set=api-gateway.autoscaling.enabled=true',
      '--set=api-gateway.tracks.deploy=green',
      '--set=api-gateway.tracks.live=green',
    );
    expect(ofKind('HorizontalPodAutoscaler').map(({ spec }) => spec.scaleTargetRef.name)).toEqual([
      'api-gateway-green',
    ]);
  });

  test('no other service has any', async () => {
    const { one } = await chart(next);
    expect(one('Deployment', 'task-service').spec.selector.matchLabels).not.toHaveProperty('track');
  });

  test.each([
    ['a Service that would lead to nothing', { live: 'green' }, /keep has to be green/],
    ['one that is deployed and stays as it is', { keep: 'blue' }, /cannot both be deployed and stay/],
    ['another track', { live: 'red' }, /live/],
  ])('%s is refused', async (_, tracks, message) => {
    await expect(chart(tracks)).rejects.toThrow(message);
  });
});
