import { readRules } from './alerts.ts';
import { dashboards } from './dashboards/index.ts';
import { dashboardJson } from './dashboards/build.ts';
import { type Selector, selectorsOf } from './promql.ts';

/** A metric that a rule or a dashboard reads, and where. */
export type Read = Selector & { where: string };

type DashboardJson = {
  templating: { list: { name: string; query: string | { query: string } }[] };
  panels: { title: string; targets?: { expr: string; legendFormat: string }[] }[];
};

/** Every metric that rules and dashboards read, with the labels that it must have for that. @throws where one is no PromQL */
export const allReads = (): Read[] => [
  ...readRules().flatMap(readsOfRule),
  ...Object.values(dashboards).flatMap(readsOf),
];

/** The series that recording rules make. */
export const recorded = (): Set<string> => new Set(readRules().flatMap(({ record }) => record ?? []));

const readsOfRule = ({ alert, record, expr }: ReturnType<typeof readRules>[number]): Read[] =>
  selectorsOf(expr).map((selector) => ({ ...selector, where: `rule ${alert ?? record}` }));

function readsOf(dashboard: (typeof dashboards)[keyof typeof dashboards]): Read[] {
  const { templating, panels } = JSON.parse(dashboardJson(dashboard)) as DashboardJson;
  const at = (title: string): string => `dashboard ${dashboard.title}: ${title}`;
  const variables = templating.list.flatMap(({ name, query }) => {
    // Grafana's own function of a query for a variable's values.
    const [, metric, label] =
      /^label_values\((\w+), (\w+)\)$/.exec(typeof query === 'string' ? query : query.query) ?? [];
    return metric && label ? [{ metric, labels: new Set([label]), where: at(`$${name}`) }] : [];
  });
  const queries = panels.flatMap(({ title, targets = [] }) =>
    targets.flatMap(({ expr }) => selectorsOf(expr).map((selector) => ({ ...selector, where: at(title) }))),
  );
  return [...variables, ...queries];
}
