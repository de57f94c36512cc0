import { describe, expect, test } from '@jest/globals';
import { parseConfig } from '@todo/service/config';
import { createTopicsConfig } from './create-topics-config.ts';

const parse = (values: Record<string, string>) => parseConfig(createTopicsConfig, values);
const brokers = { KAFKA_BROKERS: 'one:9092, two:9092', KAFKA_REPLICATION_FACTOR: '3', KAFKA_MIN_IN_SYNC_REPLICAS: '2' };

describe('what the Job that creates topics is told', () => {
  test('plain text, for a broker of one’s own', () => {
    expect(
      parse({ ...brokers, KAFKA_AUTH: 'none', KAFKA_REPLICATION_FACTOR: '1', KAFKA_MIN_IN_SYNC_REPLICAS: '1' }),
    ).toEqual({ cluster: { brokers: ['one:9092', 'two:9092'] }, safety: { replicas: 1, minInSyncReplicas: 1 } });
  });

  test('a password goes over TLS, and the mechanism has its own name', () => {
    const { cluster } = parse({
      ...brokers,
      KAFKA_AUTH: 'password',
      KAFKA_USERNAME: 'todo',
      KAFKA_PASSWORD: 'secret',
      KAFKA_CA_CERT: 'PEM',
    });
    expect(cluster).toMatchObject({
      tls: { ca: 'PEM' },
      sasl: { mechanism: 'SCRAM-SHA-512', username: 'todo', password: 'secret' },
    });
  });

  test('a client certificate needs its key', () => {
    expect(() => parse({ ...brokers, KAFKA_AUTH: 'mtls', KAFKA_CLIENT_CERT: 'PEM' })).toThrow(
      /KAFKA_CLIENT_KEY: is required/,
    );
  });

  test('no more brokers must have a message than hold it', () => {
    expect(() => parse({ ...brokers, KAFKA_AUTH: 'tls', KAFKA_REPLICATION_FACTOR: '1' })).toThrow(
      /KAFKA_MIN_IN_SYNC_REPLICAS: is more than KAFKA_REPLICATION_FACTOR/,
    );
  });
});
