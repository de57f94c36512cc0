import type { Dapr } from '@todo/service/dapr';
import { type Channel, type Limits, MaybeSent, Undeliverable } from './channel.ts';
import { shortTextOf } from './texts.ts';

/**
 * SMS over an output binding of Dapr, as bindings.twilio.sms takes it. It knows no message id: one that were sent
 * again would arrive again.
 */
export function smsChannel({ dapr, binding, limits }: { dapr: Dapr; binding: string; limits: Limits }): Channel {
  return {
    name: 'SMS',
    ...limits,
    circuitOf: () => 'SMS',
    async send({ content }, { phone }) {
      if (phone === null) throw new Undeliverable('there is no number');
      const body = { operation: 'create', data: shortTextOf(content), metadata: { toNumber: phone } };
      const { status, said } = await dapr.send(`/v1.0/bindings/${binding}`, { body, timeoutMs: limits.timeoutMs }).then(
        (answer) => ({ status: answer.status, said: answer.body }),
        (error: Error) => {
          throw isUnreached(error) ? new Error(UNREACHED, { cause: error }) : new MaybeSent(UNHEARD, { cause: error });
        },
      );
      if (status < 300) return;
      // What the provider said is in the sidecar's log: it may hold the number.
      const cause = { cause: new Error(`the binding answered ${status}`) };
      const provider = Number(PROVIDER_STATUS.exec(said)?.[1]);
      if (provider === 400 || provider === 422)
        throw new Undeliverable(`the provider refused it, with status ${provider}`, cause);
      if (Number.isNaN(provider) && IN_VAIN.test(said)) throw new MaybeSent(UNHEARD, cause);
      throw new Error(UNREACHED, cause);
    },
    neverTwice: true,
  };
}

const UNREACHED = 'the SMS provider could not be reached';
const UNHEARD = 'the SMS provider did not say in time whether it took the message';

/** In the sidecar's answer, as bindings.twilio.sms and bindings.http put it. */
const PROVIDER_STATUS = /(?:Twilio \(|status code '?)(\d{3})\b/i;
/** The binding asked, and heard nothing: not where it could not even connect. */
const IN_VAIN = /^(?!.*(?:dial tcp|no such host)).*(?:timeout|deadline exceeded|EOF|connection reset)/is;

/** The sidecar itself. */
const isUnreached = ({ cause }: Error): boolean => (cause as { code?: string } | undefined)?.code === 'ECONNREFUSED';
