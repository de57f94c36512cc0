import { useMemo, useState } from 'react';
import { useQuery } from 'urql';
import { ReportDocument, type ReportPeriod, type ReportQuery } from '../generated/operations.ts';
import { ownTimeZone } from '../ui/dates.ts';
import { Empty, Failed, Loading } from '../ui/states.tsx';
import { BarChart } from './bar-chart.tsx';

const SPANS: { days: number; by: ReportPeriod; text: string }[] = [
  { days: 7, by: 'DAY', text: 'Last 7 days' },
  { days: 30, by: 'DAY', text: 'Last 30 days' },
  { days: 182, by: 'WEEK', text: 'Last half-year' },
  { days: 365, by: 'MONTH', text: 'Last year' },
];
const DEFAULT_SPAN = SPANS[1] as (typeof SPANS)[number];
const DAY_MS = 24 * 3600_000;
/** A day as reports name it, in the user's time zone. */
const dayOf = (time: number): string => new Intl.DateTimeFormat('en-CA').format(time);

/** What the user got done. */
export default function AnalyticsScreen() {
  const [span, setSpan] = useState(DEFAULT_SPAN);
  const variables = useMemo(() => {
    const now = Date.now();
    return { from: dayOf(now - (span.days - 1) * DAY_MS), to: dayOf(now), by: span.by, timeZone: ownTimeZone() };
  }, [span]);
  const [{ data, error }, retry] = useQuery({ query: ReportDocument, variables, requestPolicy: 'cache-and-network' });
  return (
    <section className="sheet">
      <header>
        <h1>Analytics</h1>
        <label>
          <span className="hidden">Span</span>
          <select
            value={span.days}
            onChange={(event) => setSpan(SPANS.find(({ days }) => days === Number(event.target.value)) ?? DEFAULT_SPAN)}
          >
            {SPANS.map(({ days, text }) => (
              <option key={days} value={days}>
                {text}
              </option>
            ))}
          </select>
        </label>
      </header>
      {error && !data ? (
        <Failed error={error} retry={() => retry({ requestPolicy: 'network-only' })} />
      ) : !data ? (
        <Loading />
      ) : data.me.report ? (
        <Report report={data.me.report} streaks={data.me.streaks} />
      ) : (
        <Empty text="There are no reports at the moment." />
      )}
    </section>
  );
}

type Props = { report: NonNullable<ReportQuery['me']['report']>; streaks: ReportQuery['me']['streaks'] };

function Report({ report: { total, periods, byPriority, byTag }, streaks }: Props) {
  return (
    <>
      <dl className="figures">
        <Figure name="Created" value={total.created} />
        <Figure name="Completed" value={total.completed} />
        <Figure name="Overdue" value={total.overdue} />
        <Figure name="Completion rate" value={percent(total.completionRate)} />
        <Figure name="Median time" value={lengthOf(total.timeToComplete?.p50)} />
        <Figure name="Days in a row" value={streaks?.current ?? '–'} note={streaks && `best: ${streaks.longest}`} />
      </dl>
      <Chart title="Created and completed" rows={periods.map(({ from, figures }) => ({ label: from, ...figures }))} />
      <div className="charts">
        <Chart
          title="By priority"
          rows={byPriority.map(({ priority, ...figures }) => ({ label: priority.toLowerCase(), ...figures }))}
        />
        {byTag.length > 0 && (
          <Chart title="By tag" rows={byTag.map(({ tag, ...figures }) => ({ label: tag, ...figures }))} />
        )}
      </div>
    </>
  );
}

type FigureProps = { name: string; value: string | number; note?: string | null | undefined };
const Figure = ({ name, value, note }: FigureProps) => (
  <div>
    <dt>{name}</dt>
    <dd>
      {value}
      {note && <small> {note}</small>}
    </dd>
  </div>
);

const Chart = ({ title, rows }: { title: string; rows: { label: string; created: number; completed: number }[] }) => (
  <BarChart
    title={title}
    labels={rows.map(({ label }) => label)}
    series={[
      { name: 'Created', values: rows.map(({ created }) => created) },
      { name: 'Completed', values: rows.map(({ completed }) => completed) },
    ]}
  />
);

const percent = (share: number | null | undefined): string =>
  typeof share === 'number' ? `${Math.round(share * 100)} %` : '–';

/** A length of time in its largest unit. */
function lengthOf(seconds: number | null | undefined): string {
  if (typeof seconds !== 'number') return '–';
  if (seconds < 60) return `${Math.round(seconds)} s`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min`;
  return seconds < 48 * 3600 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} days`;
}
