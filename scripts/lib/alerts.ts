import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { readApps } from '@todo/dev/apps/list';
import { consumers } from '@todo/service/topics';
import { parse } from 'yaml';

/** Prometheus's rules: the one place where alerts are said. */
export const RULES = 'helm/todo-umbrella/files/alerts.yaml';
/** promtool's tests, a file for each alert. */
export const ALERT_TESTS = 'helm/tests/alerts';
const RUNBOOKS = 'docs/runbooks';

export type Rule = {
  record?: string;
  alert?: string;
  expr: string;
  for?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
};
type AlertTest = { alert_rule_test?: { alertname: string; exp_alerts?: unknown[] }[] };

/** All rules, in the order of the file. */
export const readRules = (file = RULES): Rule[] =>
  (parse(readFileSync(file, 'utf8')) as { groups: { rules: Rule[] }[] }).groups.flatMap(({ rules }) => rules);

/** How often promtool's tests of an alert expect that it fires, and that it does not. */
function tested(alert: string): { fires: number; rests: number } {
  const file = join(ALERT_TESTS, `${alert}.yaml`);
  if (!existsSync(file)) return { fires: 0, rests: 0 };
  const { tests } = parse(readFileSync(file, 'utf8')) as { tests: AlertTest[] };
  const own = tests
    .flatMap(({ alert_rule_test: checks = [] }) => checks)
    .filter(({ alertname }) => alertname === alert);
  const fires = own.filter(({ exp_alerts: expected = [] }) => expected.length > 0).length;
  return { fires, rests: own.length - fires };
}

/**
 * What alerts lack: a severity that somebody is told of, a summary, a description, a runbook, a test that fires, one that
 * does not. Runbooks and tests of alerts that are gone, too, and rules that name other apps than there are.
 */
export function alertProblems(rules: Rule[] = readRules()): string[] {
  const alerts = rules.filter(({ alert }) => alert !== undefined);
  const names = alerts.map(({ alert }) => alert as string);
  const problems = names.filter((name, i) => names.indexOf(name) !== i).map((name) => `${name} is there twice`);
  for (const { alert: name = '', labels = {}, annotations = {} } of alerts) {
    const runbook = `${RUNBOOKS}/${name}.md`;
    if (!['critical', 'warning'].includes(labels['severity'] ?? '')) problems.push(`${name} has no severity`);
    for (const each of ['summary', 'description']) if (!annotations[each]) problems.push(`${name} has no ${each}`);
    if (annotations['runbook_url'] !== runbook) problems.push(`${name}: runbook_url must be ${runbook}`);
    if (!existsSync(runbook)) problems.push(`${name} has no ${runbook}`);
    const { fires, rests } = tested(name);
    if (fires === 0) problems.push(`${ALERT_TESTS}/${name}.yaml does not test that it fires`);
    if (rests === 0) problems.push(`${ALERT_TESTS}/${name}.yaml does not test that it rests`);
  }
  for (const [folder, extension] of [
    [RUNBOOKS, '.md'],
    [ALERT_TESTS, '.yaml'],
  ] as const)
    for (const file of readdirSync(folder))
      if (!names.includes(basename(file, extension))) problems.push(`${folder}/${file} is of no alert`);
  return [...problems, ...rules.flatMap(wrongNames)];
}

/** Alternatives of a label in a rule that are not what the repository says: a new app would go unwatched. */
function wrongNames({ alert = '', expr }: Rule): string[] {
  const apps = readApps('dapr.yaml').map(({ id }) => id);
  const said: Record<string, string[]> = {
    app: apps,
    deployment: apps,
    consumergroup: Object.keys(consumers),
    container: apps,
  };
  return [...expr.matchAll(/\b(app|deployment|container|consumergroup)=~"([^"]+)"/g)].flatMap(
    ([, label = '', text = '']) => {
      const named = text.split('|').filter((name) => name !== 'daprd');
      const wanted = said[label] ?? [];
      return named.toSorted().join() === wanted.toSorted().join()
        ? []
        : [`${alert}: ${label} is ${named.join(', ')}; it must be ${wanted.join(', ')}`];
    },
  );
}
