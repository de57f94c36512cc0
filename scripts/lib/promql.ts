import { parser } from '@prometheus-io/lezer-promql';
import type { SyntaxNode } from '@lezer/common';

/** A metric that an expression reads, and the labels that it must have for that. */
export type Selector = { metric: string; labels: Set<string> };

/**
 * The metrics of a PromQL expression with the labels that it selects, groups or joins them by. Grafana's own variables for
 * durations are understood.
 * @throws where it is no PromQL, or a selector names no metric
 */
export function selectorsOf(expression: string): Selector[] {
  const text = expression.replaceAll(/\$__(?:rate_interval|interval|range)/g, '5m');
  const selectors: (Selector & { node: SyntaxNode })[] = [];
  const { topNode } = parser.parse(text);
  const source = ({ from, to }: SyntaxNode): string => text.slice(from, to);

  const visit = (node: SyntaxNode): void => {
    if (node.type.isError) throw new Error(`no PromQL at ${node.from}: ${expression}`);
    if (node.name === 'VectorSelector') selectors.push({ node, ...selectorAt(node) });
    for (let child = node.firstChild; child; child = child.nextSibling) visit(child);
    if (node.name === 'AggregateExpr' || node.name === 'BinaryExpr') groupedBy(node);
  };

  const selectorAt = (node: SyntaxNode): Selector => {
    const metric = node.getChild('Identifier');
    if (!metric) throw new Error(`a selector without a metric: ${source(node)}`);
    const labels = node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? [];
    return {
      metric: source(metric),
      labels: new Set(labels.map((each) => source(each.getChild('LabelName') as SyntaxNode))),
    };
  };

  /** Whatever is below has the labels of `by` and `on`, unless label_replace makes them. */
  const groupedBy = (node: SyntaxNode): void => {
    const modifier = node.getChild('AggregateModifier') ?? node.getChild('MatchingModifierClause');
    if (!modifier || !(modifier.getChild('By') || modifier.getChild('On'))) return;
    const labels = modifier.getChild('GroupingLabels')?.getChildren('LabelName').map(source) ?? [];
    for (const selector of selectors)
      if (selector.node.from >= node.from && selector.node.to <= node.to)
        for (const label of labels) if (!madeAbove(selector.node, node, label)) selector.labels.add(label);
  };

  const madeAbove = (from: SyntaxNode, to: SyntaxNode, label: string): boolean => {
    for (let node = from.parent; node && node.from >= to.from && node.to <= to.to; node = node.parent) {
      if (node.name !== 'FunctionCall' || !node.getChild('FunctionIdentifier')?.getChild('LabelReplace')) continue;
      const [made] = node.getChild('FunctionCallBody')?.getChildren('StringLiteral') ?? [];
      if (made && source(made) === `"${label}"`) return true;
    }
    return false;
  };

  visit(topNode);
  return selectors.map(({ metric, labels }) => ({ metric, labels }));
}
