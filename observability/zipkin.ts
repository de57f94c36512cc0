import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { cached } from '@todo/dev/start/cache';
import type { Stop } from '@todo/service/shutdown';
import { freePort } from '@todo/service/testing/free-port';
import { eventually } from '../e2e/stack/eventually.ts';

/** The version that zipkin.pom.xml asks for. */
const NAME = 'zipkin-3.5.1';
const POM = join(import.meta.dirname, 'zipkin.pom.xml');

/** A Zipkin server on loopback that keeps spans in memory: `url` is for ZIPKIN_URL. Its jar is downloaded once, with Maven. */
export async function startZipkinServer(): Promise<{ url: string; stop: Stop }> {
  const dir = await cached(process.env, NAME, async (into) => {
    execFileSync('mvn', ['-B', '-q', '-f', POM, 'dependency:copy-dependencies', `-DoutputDirectory=${into}`]);
  });
  const [jar = ''] = readdirSync(dir);
  const port = await freePort();
  const listen = [`port=${port}`, 'ip=127.0.0.1', 'protocols[0]=http'].map((each) => `--armeria.ports[0].${each}`);
  const zipkin = spawn('java', ['-Xmx256m', '-XX:TieredStopAtLevel=1', '-jar', join(dir, jar), ...listen], {
    stdio: 'ignore',
    env: { ...process.env, STORAGE_TYPE: 'mem', SELF_TRACING_ENABLED: 'false' },
  });
  const stop = async (): Promise<void> => {
    if (zipkin.exitCode !== null || zipkin.signalCode !== null) return;
    const gone = once(zipkin, 'exit');
    zipkin.kill();
    await gone;
  };
  process.once('exit', () => zipkin.kill());
  const server = `http://127.0.0.1:${port}`;
  try {
    await eventually(async () => {
      if (zipkin.exitCode !== null) throw new Error('Zipkin ended before it was ready');
      if (!(await fetch(`${server}/health`)).ok) throw new Error('Zipkin is not ready');
    }, 90_000);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: `${server}/api/v2/spans`, stop };
}
