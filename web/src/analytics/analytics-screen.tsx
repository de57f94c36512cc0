import { useState } from 'react';
import { useQuery } from 'urql';
import { ActivityDocument } from '../generated/operations.ts';
import { Failed, Loading } from '../ui/states.tsx';
import { BarChart } from './bar-chart.tsx';

const SPANS = [7, 30, 90];

/** What the user got done. */
export default function AnalyticsScreen() {
  const [days, setDays] = useState(30);
  const [{ data, error }, retry] = useQuery({
    query: ActivityDocument,
    variables: { days },
    requestPolicy: 'cache-and-network',
  });
  const activity = (data?.me.activity ?? []).toReversed();
  const sum = (field: 'created' | 'completed'): number => activity.reduce((total, day) => total + day[field], 0);
  return (
    <section className="sheet">
      <header>
        <h1>Analytics</h1>
        <label>
          <span className="hidden">Span</span>
          <select value={days} onChange={(event) => setDays(Number(event.target.value))}>
            {SPANS.map((span) => (
              <option key={span} value={span}>
                Last {span} days
              </option>
            ))}
          </select>
        </label>
      </header>
      {error && !data ? (
        <Failed error={error} retry={() => retry()} />
      ) : !data ? (
        <Loading />
      ) : (
        <>
          <dl className="figures">
            <div>
              <dt>Created</dt>
              <dd>{sum('created')}</dd>
            </div>
            <div>
              <dt>Completed</dt>
              <dd>{sum('completed')}</dd>
            </div>
          </dl>
          <BarChart
            title="Created and completed by day"
            labels={activity.map(({ day }) => day)}
            series={[
              { name: 'Created', values: activity.map(({ created }) => created) },
              { name: 'Completed', values: activity.map(({ completed }) => completed) },
            ]}
          />
        </>
      )}
    </section>
  );
}
