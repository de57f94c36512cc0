import { dayText, WEEKDAYS, type Pattern } from './rule.ts';

const FREQUENCIES = { DAILY: 'days', WEEKLY: 'weeks', MONTHLY: 'months', YEARLY: 'years' };
const ENDS = { never: 'for ever', count: 'so many times', until: 'until a day' };

/** The fields that make a rule. */
export function PatternFields({ pattern, onPattern }: { pattern: Pattern; onPattern: (pattern: Pattern) => void }) {
  const change = (change: Partial<Pattern>): void => onPattern({ ...pattern, ...change });
  return (
    <>
      <label>
        Every
        <input
          type="number"
          min={1}
          max={1000}
          required
          value={pattern.interval}
          onChange={(event) => change({ interval: event.target.valueAsNumber || 1 })}
        />
      </label>
      <label>
        <span className="hidden">Unit</span>
        <select
          value={pattern.frequency}
          onChange={(event) => change({ frequency: event.target.value as Pattern['frequency'] })}
        >
          {Object.entries(FREQUENCIES).map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      </label>
      {pattern.frequency === 'WEEKLY' && (
        <fieldset className="days">
          <legend className="hidden">Days of the week</legend>
          {WEEKDAYS.map((day) => (
            <label key={day} className="check">
              <input
                type="checkbox"
                checked={pattern.weekdays.includes(day)}
                onChange={({ target }) =>
                  change({
                    weekdays: WEEKDAYS.filter((each) =>
                      each === day ? target.checked : pattern.weekdays.includes(each),
                    ),
                  })
                }
              />
              {dayText(day)}
            </label>
          ))}
        </fieldset>
      )}
      <label>
        Ends
        <select value={pattern.end} onChange={(event) => change({ end: event.target.value as Pattern['end'] })}>
          {Object.entries(ENDS).map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      </label>
      {pattern.end === 'count' && (
        <label>
          Times
          <input
            type="number"
            min={1}
            max={1000}
            required
            value={pattern.count}
            onChange={(event) => change({ count: event.target.valueAsNumber || 1 })}
          />
        </label>
      )}
      {pattern.end === 'until' && (
        <label>
          Last day
          <input
            type="date"
            required
            value={pattern.until}
            onChange={(event) => change({ until: event.target.value })}
          />
        </label>
      )}
    </>
  );
}
