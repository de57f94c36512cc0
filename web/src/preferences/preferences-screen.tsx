import { useState, type FormEvent } from 'react';
import { useMutation, useQuery } from 'urql';
import {
  MyPreferencesDocument,
  SavePreferencesDocument,
  type Digest,
  type PreferencesFragment,
  type Weekday,
} from '../generated/operations.ts';
import { Empty, Failed, Loading, codeOf, messageOf } from '../ui/states.tsx';
import { Endpoints } from './endpoints.tsx';
import { Kinds } from './kinds.tsx';
import { CHANNELS, words } from './names.ts';

const DAYS: Weekday[] = ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY'];

/** How the user is told beside the feed. */
export default function PreferencesScreen() {
  const [{ data, error }, retry] = useQuery({ query: MyPreferencesDocument });
  // It stays over the form that saving replaces.
  const [said, setSaid] = useState<string>();
  if (!data) return error ? <Failed error={error} retry={() => retry()} /> : <Loading />;
  const preferences = data.me.notificationPreferences;
  return (
    <section className="sheet">
      <header>
        <h1>Preferences</h1>
      </header>
      {preferences ? (
        <Form key={preferences.version} preferences={preferences} said={said} onSaid={setSaid} />
      ) : (
        <Empty text="There are no preferences at the moment." />
      )}
      <Endpoints />
    </section>
  );
}

type Props = { preferences: PreferencesFragment; said: string | undefined; onSaid: (text: string) => void };

function Form({ preferences, said, onSaid }: Props) {
  const [, save] = useMutation(SavePreferencesDocument);
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
    if (!error) onSaid('Saved.');
    else onSaid(codeOf(error) === 'CONFLICT' ? 'They were changed elsewhere: load the page again.' : messageOf(error));
  };
  return (
    <form className="fields card-like" onSubmit={(event) => void submit(event)}>
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
          Quiet until
          <input name="to" type="time" defaultValue={preferences.quietHours?.to} />
        </label>
        <label>
          Digests at
          <input name="digestTime" type="time" required defaultValue={preferences.digestTime} />
        </label>
        <label>
          Weekly digests on
          <select name="digestDay" defaultValue={preferences.digestDay}>
            {DAYS.map((day) => (
              <option key={day} value={day}>
                {words(day)}
              </option>
            ))}
          </select>
        </label>
      </div>
      <Kinds kinds={preferences.kinds} />
      <footer>
        {said && <p role="status">{said}</p>}
        <button className="primary">Save</button>
      </footer>
    </form>
  );
}
