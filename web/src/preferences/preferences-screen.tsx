import { useState, type FormEvent } from 'react';
import { useMutation, useQuery } from 'urql';
import {
  MyPreferencesDocument,
  SavePreferencesDocument,
  type Channel,
  type Digest,
  type PreferencesFragment,
  type Weekday,
} from '../generated/operations.ts';
import { Empty, Failed, Loading, codeOf, messageOf } from '../ui/states.tsx';

const CHANNELS: Channel[] = ['EMAIL', 'WEB_PUSH', 'WEBHOOK', 'SMS'];
const DIGESTS: Digest[] = ['NONE', 'DAILY', 'WEEKLY'];
const DAYS: Weekday[] = ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY'];
const words = (name: string): string => name.toLowerCase().replaceAll('_', ' ');

/** How the user is told beside the feed. */
export default function PreferencesScreen() {
  const [{ data, error }, retry] = useQuery({ query: MyPreferencesDocument });
  if (!data) return error ? <Failed error={error} retry={() => retry()} /> : <Loading />;
  const preferences = data.me.notificationPreferences;
  return (
    <section className="sheet">
      <h1>Preferences</h1>
      {preferences ? (
        <Form key={preferences.version} preferences={preferences} />
      ) : (
        <Empty text="There are no preferences at the moment." />
      )}
    </section>
  );
}

function Form({ preferences }: { preferences: PreferencesFragment }) {
  const [, save] = useMutation(SavePreferencesDocument);
  const [said, setSaid] = useState<string>();
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const text = (name: string): string => String(fields.get(name) ?? '');
    const [from, to] = [text('from'), text('to')];
    const input = {
      timeZone: text('timeZone'),
      digestTime: text('digestTime'),
      digestDay: text('digestDay') as Weekday,
      quietHours: from && to ? { from, to } : null,
      kinds: preferences.kinds.map(({ kind }) => ({
        kind,
        channels: CHANNELS.filter((channel) => fields.has(`${kind}-${channel}`)),
        digest: text(`${kind}-digest`) as Digest,
        quiet: fields.has(`${kind}-quiet`),
      })),
    };
    const { error } = await save({ input, version: preferences.version, key: crypto.randomUUID() });
    setSaid(
      !error
        ? 'Saved.'
        : codeOf(error) === 'CONFLICT'
          ? 'They were changed elsewhere: load the page again.'
          : messageOf(error),
    );
  };
  return (
    <form className="fields" onSubmit={(event) => void submit(event)}>
      <label>
        Time zone
        <input name="timeZone" defaultValue={preferences.timeZone} list="zones" required />
      </label>
      <datalist id="zones">
        {Intl.supportedValuesOf('timeZone').map((zone) => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
      <div className="pair">
        <label>
          Quiet from
          <input name="from" type="time" defaultValue={preferences.quietHours?.from} />
        </label>
        <label>
          to
          <input name="to" type="time" defaultValue={preferences.quietHours?.to} />
        </label>
      </div>
      <div className="pair">
        <label>
          Digests at
          <input name="digestTime" type="time" required defaultValue={preferences.digestTime} />
        </label>
        <label>
          Weekly ones on
          <select name="digestDay" defaultValue={preferences.digestDay}>
            {DAYS.map((day) => (
              <option key={day} value={day}>
                {words(day)}
              </option>
            ))}
          </select>
        </label>
      </div>
      {preferences.kinds.map(({ kind, channels, digest, quiet }) => (
        <fieldset key={kind} className="kind">
          <legend>{words(kind)}</legend>
          {CHANNELS.map((channel) => (
            <label key={channel} className="check">
              <input type="checkbox" name={`${kind}-${channel}`} defaultChecked={channels.includes(channel)} />
              {words(channel)}
            </label>
          ))}
          <label className="check">
            Digest
            <select name={`${kind}-digest`} defaultValue={digest}>
              {DIGESTS.map((each) => (
                <option key={each} value={each}>
                  {words(each)}
                </option>
              ))}
            </select>
          </label>
          <label className="check">
            <input type="checkbox" name={`${kind}-quiet`} defaultChecked={quiet} /> not in quiet hours
          </label>
        </fieldset>
      ))}
      <footer>
        {said && <p role="status">{said}</p>}
        <button className="primary">Save</button>
      </footer>
    </form>
  );
}
