import { useEffect, useState } from 'react';

type Series = { name: string; values: number[] };

const HEIGHT = 220;
/** What a label takes, in pixels. */
const LABEL = 64;
const LEFT = 32;
const BOTTOM = 24;

/** Bars beside one another, and the same figures as a table for those who cannot see them. */
export function BarChart({ title, labels, series }: { title: string; labels: string[]; series: Series[] }) {
  // Even, so that half of it is a number as well.
  const top = 2 * Math.ceil(Math.max(4, ...series.flatMap(({ values }) => values)) / 2);
  const [figure, setFigure] = useState<HTMLElement | null>(null);
  const width = useWidth(figure);
  const slot = (width - LEFT) / Math.max(1, labels.length);
  const bar = Math.min(28, Math.max(1, (slot * 0.8) / series.length));
  const yOf = (value: number): number => (HEIGHT - BOTTOM) * (1 - value / top) + 4;
  const every = Math.max(1, Math.ceil(LABEL / slot));
  return (
    <figure className="chart" ref={setFigure}>
      <figcaption>
        {title}
        {series.map(({ name }, index) => (
          <span key={name} className={`key series-${index}`}>
            {name}
          </span>
        ))}
      </figcaption>
      <svg width={width} height={HEIGHT + 8} aria-hidden="true">
        {[0, 0.5, 1].map((share) => (
          <g key={share}>
            <line x1={LEFT} x2={width} y1={yOf(top * share)} y2={yOf(top * share)} />
            <text x={LEFT - 6} y={yOf(top * share) + 4} textAnchor="end">
              {Math.round(top * share)}
            </text>
          </g>
        ))}
        {series.map(({ name, values }, index) =>
          values.map((value, at) => (
            <rect
              key={`${name} ${labels[at]}`}
              className={`series-${index}`}
              x={LEFT + (at + 0.5) * slot + (index - series.length / 2) * bar}
              y={yOf(value)}
              width={bar}
              height={yOf(0) - yOf(value)}
              rx={Math.min(2, bar / 2)}
            />
          )),
        )}
        {labels.map(
          (label, at) =>
            at % every === 0 && (
              <text key={label} x={LEFT + at * slot + slot / 2} y={HEIGHT + 2} textAnchor="middle">
                {label.replace(/^\d{4}-/, '')}
              </text>
            ),
        )}
      </svg>
      <div className="hidden">
        <table>
          <caption>{title}</caption>
          <thead>
            <tr>
              <td />
              {series.map(({ name }) => (
                <th key={name}>{name}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {labels.map((label, at) => (
              <tr key={label}>
                <th>{label}</th>
                {series.map(({ name, values }) => (
                  <td key={name}>{values[at]}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </figure>
  );
}

/** The room within an element's padding, in pixels. */
function useWidth(element: HTMLElement | null): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    if (!element) return;
    const observer = new ResizeObserver(([entry]) => entry && setWidth(Math.floor(entry.contentRect.width)));
    observer.observe(element);
    return () => observer.disconnect();
  }, [element]);
  return width;
}
