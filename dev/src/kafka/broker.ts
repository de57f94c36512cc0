import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stages } from '../parts/part.ts';
import type { Part } from '../parts/part.ts';
import { runTool } from '../process/tool.ts';
import { inheritedEnv } from '../start/stack.ts';
import type { Stack } from '../start/stack.ts';
import { acceptsClients } from './topics.ts';

/** A small heap and a compiler that gives up the last bit of speed for a start in half the time. */
const JVM = ['-Xmx256m', '-Xms128m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto'];
const LOGGING = ['-Dorg.slf4j.simpleLogger.defaultLogLevel=warn', '-Dorg.slf4j.simpleLogger.showDateTime=true'];

/** Starts one Kafka node, broker and controller at once, on loopback. Its storage is formatted at the first start. */
export const startBroker = async (stack: Stack, jars: string): Promise<void> => {
  const dir = join(stack.dataDir, 'kafka');
  const properties = join(dir, 'server.properties');
  mkdirSync(dir, { recursive: true });
  writeFileSync(properties, serverProperties(stack.ports, join(dir, 'data')));
  const java = { command: 'java', cwd: dir, env: inheritedEnv(stack.env) };
  const classPath = [...JVM, ...LOGGING, '-cp', join(jars, '*')];
  if (!existsSync(join(dir, 'data', 'meta.properties'))) {
    // A UUID, as base64url; not one that begins with a hyphen, which would be taken for an option.
    const id = Buffer.concat([Buffer.of(0), randomBytes(15)]).toString('base64url');
    await runTool(stack.ledger, stack.supervisor.logFile('kafka-format'), stack.signal, {
      ...java,
      name: 'kafka-format',
      args: [...classPath, 'kafka.tools.StorageTool', 'format', '--standalone', '-t', id, '-c', properties],
    });
  }
  const part: Part = {
    ...java,
    name: 'kafka',
    args: [...classPath, 'kafka.Kafka', properties],
    port: stack.ports.kafka,
    stage: stages.kafka,
    stopSignal: 'SIGTERM',
    isReady: () => acceptsClients([`127.0.0.1:${stack.ports.kafka}`]),
    readyWithinMs: 60_000,
    stopWithinMs: 15_000,
  };
  await stack.supervisor.start(part, stack.signal);
};

/** The node's settings: nothing listens beyond loopback, no topic appears by itself, a group starts at once. */
export const serverProperties = (ports: { kafka: number; kafkaController: number }, logDir: string): string =>
  `${Object.entries({
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.bootstrap.servers': `127.0.0.1:${ports.kafkaController}`,
    listeners: `PLAINTEXT://127.0.0.1:${ports.kafka},CONTROLLER://127.0.0.1:${ports.kafkaController}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${ports.kafka},CONTROLLER://127.0.0.1:${ports.kafkaController}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': logDir,
    'auto.create.topics.enable': false,
    'delete.topic.enable': true,
    'min.insync.replicas': 1,
    'default.replication.factor': 1,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 8,
    // A stack that is not started for long must not begin its topics anew: offsets outlive the messages.
    'offsets.retention.minutes': 30 * 24 * 60,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
    // After a kill it may not come back before its old session has ended.
    'broker.session.timeout.ms': 4000,
    'broker.heartbeat.interval.ms': 1000,
    'num.network.threads': 2,
    'num.io.threads': 4,
    'socket.send.buffer.bytes': 102_400,
    'socket.receive.buffer.bytes': 102_400,
    'log.cleaner.dedupe.buffer.size': 16_777_216,
  })
    .map(([name, value]) => `${name}=${value}`)
    .join('\n')}\n`;
