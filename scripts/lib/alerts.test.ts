import { expect, test } from '@jest/globals';
import { alertProblems, readRules, type Rule } from './alerts.ts';

const rules = readRules();
const changed = (alert: string, change: Partial<Rule>): Rule[] =>
  rules.map((rule) => (rule.alert === alert ? { ...rule, ...change } : rule));

test('the rules as they are lack nothing', () => {
  expect(alertProblems(rules)).toEqual([]);
});

test('an alert that nobody documents, tests or is told of is noticed', () => {
  expect(alertProblems([...rules, { alert: 'New', expr: 'up == 0' }])).toEqual([
    'New has no severity',
    'New has no summary',
    'New has no description',
    'New: runbook_url must be docs/runbooks/New.md',
    'New has no docs/runbooks/New.md',
    'helm/tests/alerts/New.yaml does not test that it fires',
    'helm/tests/alerts/New.yaml does not test that it rests',
  ]);
});

test('so is a runbook or a test of an alert that is gone', () => {
  expect(alertProblems(rules.filter(({ alert }) => alert !== 'PodDown'))).toEqual([
    'docs/runbooks/PodDown.md is of no alert',
    'helm/tests/alerts/PodDown.yaml is of no alert',
  ]);
});

test('so is a rule that leaves an app or a consumer out', () => {
  expect(alertProblems(changed('DaprSidecarDown', { expr: 'up{app=~"api-gateway|task-service"} == 0' }))).toEqual([
    'DaprSidecarDown: app is api-gateway, task-service; it must be api-gateway, task-service, scheduler-service, notification-service, analytics-service',
  ]);
  expect(alertProblems(changed('KafkaConsumerLag', { expr: 'lag{consumergroup=~"api-gateway.*"} > 1' }))).toHaveLength(
    1,
  );
});
