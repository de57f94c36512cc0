import { useState, type FormEvent } from 'react';
import { useClient, type CombinedError } from 'urql';
import {
  AddWebhookDocument,
  RemoveWebhookDocument,
  RenewWebhookSecretDocument,
  type EndpointsQuery,
} from '../generated/operations.ts';
import { messageOf } from '../ui/states.tsx';

const key = (): string => crypto.randomUUID();

type Props = { webhooks: EndpointsQuery['me']['webhooks']; onChange: () => void };

/** The user's webhooks. A secret is shown once, as long as the screen is not left. */
export function Webhooks({ webhooks, onChange }: Props) {
  const client = useClient();
  const [problem, setProblem] = useState<string>();
  const [given, setGiven] = useState<{ url: string; secret: string }>();
  const settle = (error: CombinedError | undefined, answer?: { secret: string; webhook: { url: string } }): void => {
    setProblem(error && messageOf(error));
    setGiven(answer && { url: answer.webhook.url, secret: answer.secret });
    onChange();
  };
  const add = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget;
    const url = String(new FormData(form).get('url'));
    const { data, error } = await client.mutation(AddWebhookDocument, { url, key: key() });
    if (!error) form.reset();
    settle(error, data?.addWebhook);
  };
  const renew = async (id: string): Promise<void> => {
    const { data, error } = await client.mutation(RenewWebhookSecretDocument, { id, key: key() });
    settle(error, data?.renewWebhookSecret);
  };
  const remove = async (id: string): Promise<void> =>
    settle((await client.mutation(RemoveWebhookDocument, { id, key: key() })).error);

  return (
    <section className="card-like" aria-labelledby="webhooks-title">
      <h2 id="webhooks-title">Webhooks</h2>
      <p className="hint">They get what the kinds above send by webhook, signed as Standard Webhooks says.</p>
      <ul className="rows">
        {webhooks.map(({ id, url, disabledAt }) => (
          <li key={id}>
            <span className="address">
              {url}
              {disabledAt && <em> – it answered that it is gone; a new secret puts it to work again</em>}
            </span>
            <button type="button" onClick={() => void renew(id)}>
              New secret<span className="hidden">: {url}</span>
            </button>
            <button type="button" onClick={() => void remove(id)}>
              Remove<span className="hidden">: {url}</span>
            </button>
          </li>
        ))}
      </ul>
      {given && (
        <p className="secret" role="status">
          The secret of {given.url}, shown this once: <code>{given.secret}</code>
        </p>
      )}
      <form className="inline" onSubmit={(event) => void add(event)}>
        <label className="wide">
          Address
          <input name="url" type="url" required placeholder="https://" />
        </label>
        <button>Add</button>
      </form>
      {problem && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
    </section>
  );
}
