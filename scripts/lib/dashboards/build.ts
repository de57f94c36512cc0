/** What a graph shows: each query with how its series are called. */
type Panel = {
  title: string;
  /** What to make of it, where the title does not say. */
  description?: string;
  /** In Grafana's words: s, ms, bytes, percentunit, ops (a second), short. */
  unit: string;
  queries: readonly (readonly [expr: string, legend: string])[];
  /** A number rather than a graph. */
  now?: boolean;
};

/** Rows of panels. In queries `$at` stands for the chosen namespace, `$every` for the step that rates are taken over. */
export type Dashboard = { uid: string; title: string; rows: readonly { title: string; panels: readonly Panel[] }[] };

const WIDTH = 8;
const HEIGHT = 8;
const datasource = { type: 'prometheus', uid: '${datasource}' };

/** A dashboard as Grafana's JSON. */
export function dashboardJson({ uid, title, rows }: Dashboard): string {
  const panels: object[] = [];
  let y = 0;
  for (const row of rows) {
    panels.push({
      id: panels.length + 1,
      type: 'row',
      title: row.title,
      collapsed: false,
      gridPos: { x: 0, y, w: 24, h: 1 },
      panels: [],
    });
    y += 1;
    row.panels.forEach((panel, i) => {
      const gridPos = { x: (i % 3) * WIDTH, y: y + Math.floor(i / 3) * HEIGHT, w: WIDTH, h: HEIGHT };
      panels.push(panelJson(panel, panels.length + 1, gridPos));
    });
    y += Math.ceil(row.panels.length / 3) * HEIGHT;
  }
  const dashboard = {
    uid,
    title,
    tags: ['todo'],
    editable: false,
    graphTooltip: 1,
    refresh: '30s',
    schemaVersion: 39,
    time: { from: 'now-3h', to: 'now' },
    timezone: 'utc',
    templating: {
      list: [
        { name: 'datasource', type: 'datasource', query: 'prometheus', label: 'Prometheus' },
        {
          name: 'namespace',
          type: 'query',
          label: 'Namespace',
          datasource,
          query: { query: 'label_values(gateway_supergraph_info, namespace)', refId: 'namespace' },
          refresh: 2,
          sort: 1,
        },
      ],
    },
    panels,
  };
  return `${JSON.stringify(dashboard, null, 2)}\n`;
}

function panelJson({ title, description, unit, queries, now }: Panel, id: number, gridPos: object): object {
  return {
    id,
    type: now ? 'stat' : 'timeseries',
    title,
    ...(description && { description }),
    datasource,
    gridPos,
    fieldConfig: { defaults: { unit, min: 0, ...(now ? {} : { custom: { fillOpacity: 10 } }) }, overrides: [] },
    options: now
      ? { reduceOptions: { calcs: ['lastNotNull'] }, colorMode: 'none' }
      : { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } },
    targets: queries.map(([expr, legendFormat], i) => ({
      refId: String.fromCharCode(65 + i),
      datasource,
      expr: expr.replaceAll('$at', 'namespace="$namespace"').replaceAll('$every', '$__rate_interval'),
      legendFormat,
    })),
  };
}

/** The time that a share of what a histogram holds stays below, by labels. */
export const quantile = (share: number, histogram: string, matchers = '', by: readonly string[] = []): string =>
  `histogram_quantile(${share}, sum by (${[...by, 'le'].join(', ')}) (rate(${histogram}_bucket{$at${matchers}}[$every])))`;

/** How often a second something is counted, by labels. */
export const perSecond = (counter: string, by: readonly string[] = [], matchers = ''): string =>
  `sum${by.length > 0 ? ` by (${by.join(', ')})` : ''} (rate(${counter}{$at${matchers}}[$every]))`;
