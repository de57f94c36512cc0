import type { FormattedExecutionResult } from 'graphql';
import { resultText } from '../executor/response-data.ts';

type Send = (message: string) => Promise<void>;

/** Results of one connection on their way through graphql-ws, which makes messages of them. */
export type Results = {
  /** What to give graphql-ws for a result. */
  payloadOf: (result: FormattedExecutionResult) => object;
  send: Send;
};

const END = '"payload":0}';

/** Puts results into messages as the text that they are, which would otherwise be parsed and made anew for each client. */
export function createResults(send: Send): Results {
  // Of the message that is being made: it is sent in the same breath.
  let text: string | undefined;
  const payloadOf: Results['payloadOf'] = (result) => ({
    toJSON: () => {
      text = resultText(result);
      return 0;
    },
  });
  return {
    payloadOf,
    send: (message) => {
      if (text === undefined) return send(message);
      if (!message.endsWith(END)) throw new Error('graphql-ws makes messages of another form');
      const whole = `${message.slice(0, -'0}'.length)}${text}}`;
      text = undefined;
      return send(whole);
    },
  };
}
