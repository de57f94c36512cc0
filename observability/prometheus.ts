import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PrometheusConfig } from '@todo/dev/prometheus/config';
import type { Stop } from '@todo/service/shutdown';
import { freePort } from '@todo/service/testing/free-port';
import { parse, stringify } from 'yaml';
import { eventually } from '../e2e/stack/eventually.ts';
import { ready } from '../e2e/stack/ready.ts';

type Labels = Record<string, string>;
type Rules = { groups: { interval?: string; rules: { for?: string }[] }[] };

/** A real Prometheus over the running stack. */
export type Prometheus = {
  /** What its API answers; `path` is below /api/v1. */
  ask: (path: string, parameters?: Record<string, string>) => Promise<any>;
  /** The alerts that fire or are about to. */
  alerts: () => Promise<{ labels: Labels; annotations: Labels; state: 'pending' | 'firing' }[]>;
  stop: Stop;
};

/**
 * Starts one with the configuration that `npm start` wrote and the rules that the chart installs: as they are, but for
 * time, so that nobody waits for minutes. It scrapes and evaluates every second, and what must hold for minutes
 * must hold for as many seconds.
 */
export async function startPrometheus(): Promise<Prometheus> {
  const dir = mkdtempSync(join(tmpdir(), 'prometheus-'));
  const config = parse(readFileSync(ready().prometheusConfig, 'utf8')) as PrometheusConfig;
  config.global = { scrape_interval: '1s', evaluation_interval: '1s' };
  config.rule_files = config.rule_files.map((file, i) => {
    const rules = parse(readFileSync(file, 'utf8')) as Rules;
    for (const group of rules.groups) {
      group.interval = '1s';
      for (const rule of group.rules) if (rule.for !== undefined) rule.for = rule.for.replace('m', 's');
    }
    const copy = join(dir, `rules-${i}.yaml`);
    writeFileSync(copy, stringify(rules));
    return copy;
  });
  const file = join(dir, 'prometheus.yml');
  writeFileSync(file, stringify(config));

  const port = await freePort();
  const prometheus = spawn(
    'prometheus',
    [`--config.file=${file}`, `--storage.tsdb.path=${join(dir, 'data')}`, `--web.listen-address=127.0.0.1:${port}`],
    { stdio: 'ignore' },
  );
  process.once('exit', () => prometheus.kill());
  const ask: Prometheus['ask'] = async (path, parameters = {}) => {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/${path}?${new URLSearchParams(parameters)}`);
    const { data, error } = (await response.json()) as { data?: unknown; error?: string };
    if (error !== undefined) throw new Error(`Prometheus: ${error}`);
    return data;
  };
  await eventually(async () => void (await ask('status/buildinfo')));
  return {
    ask,
    alerts: async () => (await ask('alerts')).alerts,
    stop: async () => {
      const gone = once(prometheus, 'exit');
      prometheus.kill();
      await gone;
      rmSync(dir, { recursive: true });
    },
  };
}
