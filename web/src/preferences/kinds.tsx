import type { PreferencesFragment } from '../generated/operations.ts';
import { CHANNELS, DIGESTS, words } from './names.ts';

const CHANNEL_TEXTS = { EMAIL: 'E-mail', WEB_PUSH: 'Web push', WEBHOOK: 'Webhook', SMS: 'SMS' };
const DIGEST_TEXTS = { NONE: 'at once', DAILY: 'in a daily digest', WEEKLY: 'in a weekly digest' };

/** Which kinds of notification are sent where, and when. */
export const Kinds = ({ kinds }: { kinds: PreferencesFragment['kinds'] }) => (
  <div className="kinds">
    {kinds.map(({ kind, channels, digest, quiet }) => (
      <fieldset key={kind}>
        <legend>{words(kind)}</legend>
        {CHANNELS.map((channel) => (
          <label key={channel} className="check">
            <input type="checkbox" name={`${kind}-${channel}`} defaultChecked={channels.includes(channel)} />
            {CHANNEL_TEXTS[channel]}
          </label>
        ))}
        <label className="check">
          <span className="hidden">{words(kind)}: when</span>
          <select name={`${kind}-digest`} defaultValue={digest}>
            {DIGESTS.map((each) => (
              <option key={each} value={each}>
                {DIGEST_TEXTS[each]}
              </option>
            ))}
          </select>
        </label>
        <label className="check">
          <input type="checkbox" name={`${kind}-quiet`} defaultChecked={quiet} /> Not in quiet hours
        </label>
      </fieldset>
    ))}
  </div>
);
