import type { Delivery } from '../deliveries/delivery.ts';
import type { Channel as ChannelName } from '../generated/resolvers.ts';
import type { Recipient } from '../recipient/recipient.ts';

export type Limits = {
  /** How long sending may take, in milliseconds. */
  timeoutMs: number;
  /** How many are sent at a time, by one replica. */
  concurrency: number;
};

/** A way to a user. */
export type Channel = Limits & {
  name: ChannelName;
  /** What fails together: where it failed again and again, all of it waits. The channel's own name where that is all. */
  circuitOf(delivery: Delivery): string;
  /**
   * Sends, and resolves once the receiver has it. Sent again, the message has the same id.
   * What failed says nothing of the operator's servers: the user reads it. Of those the error's cause tells.
   * @throws Undeliverable or Gone where trying again is no use; MaybeSent where nobody knows; Deferred, RetryLater, or
   * anything else, where it was not sent
   */
  send(delivery: Delivery, recipient: Recipient, signal: AbortSignal): Promise<void>;
  /** Receivers cannot tell a message that comes again: one that may have been sent is given up. */
  neverTwice?: boolean;
};

/** It can never be delivered. */
export class Undeliverable extends Error {
  override name = 'Undeliverable';
}

/** The webhook or push subscription is no more: nothing is to be sent to it again. */
export class Gone extends Undeliverable {
  override name = 'Gone';
}

/** It may have been sent: what came of it was not heard. */
export class MaybeSent extends Error {
  override name = 'MaybeSent';
}

/** The server was reached, and does not take this message for now: others it may take. */
export class Deferred extends Error {
  override name = 'Deferred';
}

/** It failed, and the receiver said when to come back. */
export class RetryLater extends Error {
  override name = 'RetryLater';
  readonly afterMs: number;
  constructor(message: string, afterMs: number) {
    super(message);
    this.afterMs = afterMs;
  }
}
