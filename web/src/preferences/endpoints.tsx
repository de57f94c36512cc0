import { useState } from 'react';
import { useClient, useQuery, type CombinedError } from 'urql';
import {
  AddPushSubscriptionDocument,
  EndpointsDocument,
  RemovePushSubscriptionDocument,
  type EndpointsQuery,
} from '../generated/operations.ts';
import { dateText } from '../ui/dates.ts';
import { Failed, Loading, messageOf } from '../ui/states.tsx';
import { canBePushed, subscribeToPush } from './push.ts';
import { Webhooks } from './webhooks.tsx';

/** Where notifications are sent to beside the user's own addresses: webhooks and browsers. */
export function Endpoints() {
  const [{ data, error }, read] = useQuery({ query: EndpointsDocument, requestPolicy: 'cache-and-network' });
  const again = (): void => read({ requestPolicy: 'network-only' });
  if (!data) return error ? <Failed error={error} retry={again} /> : <Loading />;
  return (
    <>
      <Webhooks webhooks={data.me.webhooks} onChange={again} />
      <Browsers pushKey={data.webPushKey} subscriptions={data.me.pushSubscriptions} onChange={again} />
    </>
  );
}

type Props = {
  pushKey: string | null | undefined;
  subscriptions: EndpointsQuery['me']['pushSubscriptions'];
  onChange: () => void;
};

function Browsers({ pushKey, subscriptions, onChange }: Props) {
  const client = useClient();
  const [problem, setProblem] = useState<string>();
  const settle = (error: CombinedError | undefined): void => {
    setProblem(error && messageOf(error));
    onChange();
  };
  const add = async (): Promise<void> => {
    try {
      const input = await subscribeToPush(pushKey as string);
      settle((await client.mutation(AddPushSubscriptionDocument, { input, key: crypto.randomUUID() })).error);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  const remove = async (id: string): Promise<void> =>
    settle((await client.mutation(RemovePushSubscriptionDocument, { id, key: crypto.randomUUID() })).error);

  return (
    <section className="card-like" aria-labelledby="browsers-title">
      <h2 id="browsers-title">Browsers</h2>
      <p className="hint">They show what the kinds above send by web push, also while this page is closed.</p>
      <ul className="rows">
        {subscriptions.map(({ id, endpoint, createdAt }) => (
          <li key={id}>
            <span>
              {new URL(endpoint).hostname}, since {dateText(createdAt)}
            </span>
            <button type="button" onClick={() => void remove(id)}>
              Remove<span className="hidden">: {new URL(endpoint).hostname}</span>
            </button>
          </li>
        ))}
      </ul>
      {pushKey && canBePushed() ? (
        <button type="button" className="start" onClick={() => void add()}>
          Add this browser
        </button>
      ) : (
        <p className="hint">{pushKey ? 'This browser has no web push.' : 'Web push is not configured.'}</p>
      )}
      {problem && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
    </section>
  );
}
