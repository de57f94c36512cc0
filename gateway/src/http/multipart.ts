import { resultText } from '../executor/response-data.ts';
import type { StreamFormat } from './stream-response.ts';

const DELIMITER = '\r\n--graphql';
/** Clients take a part when they see the delimiter behind it: each is sent with its own. */
const part = (body: string): string => `\r\ncontent-type: application/json; charset=utf-8\r\n\r\n${body}${DELIMITER}`;

const brokenOff = {
  message: 'this replica is stopping: subscribe again',
  extensions: { code: 'SUBSCRIPTIONS_UNAVAILABLE' },
};

/**
 * Apollo's multipart protocol for subscriptions (version 1.0): a part for each result, `{}` for a heartbeat. What a
 * stopping replica breaks off ends with an error instead of a payload, for the transport and not for the subscription.
 */
export const multipart: StreamFormat = {
  transport: 'multipart',
  contentType: 'multipart/mixed; boundary="graphql"; subscriptionSpec=1.0',
  start: DELIMITER,
  result: (payload) => part(`{"payload":${resultText(payload)}}`),
  heartbeat: () => part('{}'),
  end: (isOver) => `${isOver ? '' : part(JSON.stringify({ payload: null, errors: [brokenOff] }))}--\r\n`,
};
