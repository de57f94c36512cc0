import type { Dapr } from '@todo/service/dapr';
import { type Channel, type Limits, Undeliverable } from './channel.ts';
import { shortTextOf } from './texts.ts';

/**
 * SMS over an output binding of Dapr, as bindings.twilio.sms takes it. It knows no message id: one that is sent again
 * arrives again.
 */
export function smsChannel({ dapr, binding, limits }: { dapr: Dapr; binding: string; limits: Limits }): Channel {
  return {
    name: 'SMS',
    ...limits,
    circuitOf: () => 'SMS',
    async send({ content }, { phone }) {
      if (phone === null) throw new Undeliverable('there is no number');
      const body = { operation: 'create', data: shortTextOf(content), metadata: { toNumber: phone } };
      const { status } = await dapr.send(`/v1.0/bindings/${binding}`, { body, timeoutMs: limits.timeoutMs });
      // What the provider said is in the sidecar's log: it may hold the number.
      if (status >= 300) throw new Error(`the binding answered ${status}`);
    },
  };
}
