import { expect, test } from '@jest/globals';
import { consumers, PARTITIONS } from '@todo/service/topics';
import { issuer, rendered, values } from './rendered.ts';

const byLag = '--set=global.service.lagScaling.enabled=true';

test('the gateway and the task service grow by their own CPU, from as many as they have without', async () => {
  const chart = await rendered(values('prod'), ...issuer);
  for (const app of ['api-gateway', 'task-service']) {
    expect(chart.one('Deployment', app).spec.replicas).toBeUndefined();
    const { spec } = chart.one('HorizontalPodAutoscaler', app);
    expect(spec).toMatchObject({ minReplicas: 3, scaleTargetRef: { kind: 'Deployment', name: app } });
    expect(spec.metrics[0].containerResource).toMatchObject({ name: 'cpu', container: app });
  }
  expect(chart.one('Deployment', 'scheduler-service').spec.replicas).toBe(2);
  expect(chart.ofKind('ScaledObject')).toEqual([]);
});

test('what consumes events can grow by those that wait for its group, up to the partitions of a topic', async () => {
  const chart = await rendered(values('dev'), byLag);
  expect(
    chart
      .ofKind('ScaledObject')
      .map(({ metadata }) => metadata.name)
      .sort(),
  ).toEqual(Object.keys(consumers).sort());
  for (const [app, { topics }] of Object.entries(consumers)) {
    const { spec } = chart.one('ScaledObject', app);
    expect(spec).toMatchObject({ scaleTargetRef: { name: app }, minReplicaCount: 1, maxReplicaCount: PARTITIONS });
    expect(spec.triggers.map(({ metadata }: any) => [metadata.consumerGroup, metadata.topic])).toEqual(
      topics.map((topic) => [app, topic]),
    );
    expect(spec.triggers[0]).not.toHaveProperty('authenticationRef');
    // Or each would take back what the other did.
    expect(chart.one('Deployment', app).spec.replicas).toBeUndefined();
    expect(chart.ofKind('HorizontalPodAutoscaler').map(({ metadata }) => metadata.name)).not.toContain(app);
  }
});

test('one of both scales, not two, where both are asked for', async () => {
  const chart = await rendered(values('dev'), byLag, '--set=analytics-service.autoscaling.enabled=true');
  expect(chart.ofKind('HorizontalPodAutoscaler')).toEqual([]);
  expect(chart.one('ScaledObject', 'analytics-service')).toBeDefined();
});

test('it asks the brokers as sidecars do', async () => {
  const login = ['--set=global.kafka.auth=password', '--set=global.kafka.privateCa=true'];
  const chart = await rendered(values('dev'), byLag, ...login);
  const [trigger] = chart.one('ScaledObject', 'analytics-service').spec.triggers;
  expect(trigger).toMatchObject({
    metadata: { tls: 'enable', sasl: 'scram_sha512' },
    authenticationRef: { name: 'analytics-service' },
  });
  expect(chart.one('TriggerAuthentication', 'analytics-service').spec.secretTargetRef).toEqual([
    { parameter: 'ca', name: 'kafka', key: 'ca.crt' },
    { parameter: 'password', name: 'kafka', key: 'password' },
    { parameter: 'username', name: 'kafka', key: 'username' },
  ]);
});
