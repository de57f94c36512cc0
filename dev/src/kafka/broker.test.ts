import { expect, test } from '@jest/globals';
import { serverProperties } from './broker.ts';

test('the broker listens on loopback only and creates no topic by itself', () => {
  const lines = serverProperties({ kafka: 9092, kafkaController: 9093 }, '/data').split('\n');
  expect(lines).toContain('listeners=PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093');
  expect(lines).toContain('auto.create.topics.enable=false');
});
